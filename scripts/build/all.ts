/** What `npm run build` makes, for scripts that need it made first. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { licenceList } from './licences.ts'
import { buildPage } from './page.ts'
import { buildServer } from './server.ts'

/** Builds the program, the page and the list of licences of what they contain into `dist/`. */
export async function buildAll(root: string): Promise<void> {
  const [programFiles, pageFiles] = await Promise.all([buildServer(root), buildPage(root)])
  await writeFile(
    join(root, 'dist', 'LICENSES.txt'),
    await licenceList(root, [...programFiles, ...pageFiles]),
  )
}
