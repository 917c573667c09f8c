/** Shells that a completion script can be made for. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const
