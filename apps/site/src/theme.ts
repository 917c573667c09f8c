import { onContentUpdated, type Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import './theme.css'

/** VitePress's own theme with our colours, and with the fonts of the reader's machine. */
export const theme: Theme = {
  extends: DefaultTheme,
  setup() {
    onContentUpdated(nameMain)
  },
}

/** The theme's first page has no landmark for its content. */
function nameMain(): void {
  document.querySelector('.VPHome')?.setAttribute('role', 'main')
}
