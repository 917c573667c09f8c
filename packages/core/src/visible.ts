/** Names come from repositories that anyone may fill: what could move the cursor, or turn text around, is shown as �. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
}
