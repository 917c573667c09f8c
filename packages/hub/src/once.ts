/** Makes a value when it is first asked for. A failed making is not kept. */
export function once<T>(make: () => Promise<T>): { get(): Promise<T>; readonly made: boolean } {
  let value: Promise<T> | undefined
  return {
    get() {
      value ??= make().catch((error: unknown) => {
        value = undefined
        throw error
      })
      return value
    },
    get made() {
      return value !== undefined
    },
  }
}
