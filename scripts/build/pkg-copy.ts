/**
 * A copy of pkg with two of its habits taken out. It is pinned to an exact version, and a text that is not found
 * exactly once fails the build.
 */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Copies pkg to `folder`, which has to be below `root` for its dependencies to be found; returns its program. */
export async function copyPatchedPkg(root: string, folder: string): Promise<string> {
  await cp(join(root, 'node_modules', '@yao-pkg', 'pkg'), folder, { recursive: true })
  for (const { file, from, to } of PATCHES) {
    const path = join(folder, file)
    const parts = (await readFile(path, 'utf8')).split(from)
    if (parts.length !== 2)
      throw new Error(`${file} of @yao-pkg/pkg changed: '${from}' is not in it exactly once`)
    await writeFile(path, parts.join(to))
  }
  return join(folder, 'lib-es5', 'bin.js')
}

// internal

const PATCHES = [
  {
    // Starting `node` from inside an executable would start the executable again, and every child would get a
    // variable of pkg's. Programs that are recorded or run again have to start as they would without us.
    file: 'prelude/sea-bootstrap.bundle.js',
    from: 'shared.patchChildProcess(entrypoint2);',
    to: '',
  },
  {
    // NODE_OPTIONS of the caller is meant for other programs; an option that this Node does not know would end it.
    file: 'lib-es5/sea.js',
    from: 'useSnapshot: false,\n            assets: {',
    to: "useSnapshot: false,\n            execArgvExtension: 'none',\n            assets: {",
  },
]
