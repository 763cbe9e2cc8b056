/** The component kit in the page's own colours and type. */
import {
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  Modal,
  Tooltip,
} from '@mantine/core'

const iris: MantineColorsTuple = [
  '#ecedff',
  '#d5d7ff',
  '#b3b7ff',
  '#8b93ff',
  '#6d74f5',
  '#5a60e8',
  '#4f52d9',
  '#4549c9',
  '#383bab',
  '#2c2f86',
]

/** The kit's dark scale, from text to the deepest ground. */
const dark: MantineColorsTuple = [
  '#e7e9ee',
  '#c3c8d1',
  '#a2a9b5',
  '#8c94a1',
  '#343841',
  '#262a31',
  '#16181d',
  '#131519',
  '#0d0e11',
  '#08090b',
]

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 6 },
  colors: { iris, dark },
  fontFamily: 'var(--ao-font)',
  fontFamilyMonospace: 'var(--ao-mono)',
  fontSizes: { xs: '11.5px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: {
        content: { backgroundColor: 'var(--ao-raised)', border: '1px solid var(--ao-line-strong)' },
        header: { backgroundColor: 'var(--ao-raised)' },
      },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 350, fz: 12, withinPortal: true, multiline: true, maw: 420 },
    }),
  },
})

/** Lets the kit follow the page's own variables, so that both always agree. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--ao-bg)',
    '--mantine-color-text': 'var(--ao-text)',
    '--mantine-color-dimmed': 'var(--ao-dim)',
    '--mantine-color-placeholder': 'var(--ao-faint)',
    '--mantine-color-default': 'var(--ao-surface)',
    '--mantine-color-default-hover': 'var(--ao-hover)',
    '--mantine-color-default-color': 'var(--ao-text)',
    '--mantine-color-default-border': 'var(--ao-line-strong)',
    '--mantine-color-anchor': 'var(--ao-accent)',
  }
  return { variables: {}, light: shared, dark: shared }
}

export const colorSchemes = localStorageColorSchemeManager({ key: 'ao-color-scheme' })
