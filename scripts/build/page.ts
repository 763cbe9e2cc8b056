/** Builds the web page into `dist/ui`. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Returns the paths of the files that went in. */
export async function buildPage(root: string): Promise<string[]> {
  const configFile = join(root, 'ui', 'vite.config.ts')
  await mkdir(join(root, 'dist', 'ui'), { recursive: true })
  if (!existsSync(configFile)) return []
  const { build } = await import('vite')
  const files: string[] = []
  const collect = { name: 'collect-files', moduleParsed: ({ id }: { id: string }) => void files.push(id) }
  await build({ root: join(root, 'ui'), configFile, logLevel: 'warn', plugins: [collect] })
  return files
}
