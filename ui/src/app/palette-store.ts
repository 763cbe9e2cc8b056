/** Opens the palette, and lets the view that is shown add its own commands to it. */
import { createSpotlight } from '@mantine/spotlight'
import { createContext, use, useEffect } from 'react'

export interface PaletteCommand {
  id: string
  label: string
  hint?: string
  group: string
  run(): void
}

/** Commands of the open view for a search text; called on every key press, so it returns few and is quick. */
export type CommandSource = (query: string) => PaletteCommand[]

export interface CommandSources {
  add(source: CommandSource): () => void
  find(query: string): PaletteCommand[]
}

export const [paletteStore, palette] = createSpotlight()
export const openPalette = (): void => palette.open()

export function createCommandSources(): CommandSources {
  const sources = new Set<CommandSource>()
  return {
    add(source) {
      sources.add(source)
      return () => sources.delete(source)
    },
    find: (query) => [...sources].flatMap((source) => source(query)),
  }
}

export const CommandSourcesContext = createContext<CommandSources>(createCommandSources())

/** Adds commands while the component is there. Keep `source` stable. */
export function useCommandSource(source: CommandSource): void {
  const sources = use(CommandSourcesContext)
  useEffect(() => sources.add(source), [sources, source])
}
