import { useComputedColorScheme } from '@mantine/core'
import { useMemo } from 'react'

/** The value of a colour variable, by its name. */
export type Palette = (name: string) => string

/** The colour variables of the theme that is shown, for drawing. A new theme gives a new function. */
export function usePalette(): Palette {
  const scheme = useComputedColorScheme('dark')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the variables have other values in another theme
  return useMemo(() => {
    const known = new Map<string, string>()
    const style = getComputedStyle(document.documentElement)
    return (name) => {
      const value = known.get(name) ?? style.getPropertyValue(name)
      known.set(name, value)
      return value
    }
  }, [scheme])
}
