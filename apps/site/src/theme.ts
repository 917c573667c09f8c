import DefaultTheme from 'vitepress/theme-without-fonts'
import './theme.css'

/** VitePress's own theme with our colours, and with the fonts of the reader's machine. */
export const theme: typeof DefaultTheme = DefaultTheme
