/** Which file is started for a command, as a shell or the existing Python tool would. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { RecordCommand } from './command-line.ts'

/** The words to start. A Python module or script gets the interpreter that is on the path. */
export function programWords(command: RecordCommand, path: string | undefined): [string, ...string[]] {
  const [program, ...words] = command.words
  if (command.module) return [pythonOn(path), '-m', program, ...words]
  if (program.endsWith('.py') && isFile(program) && !isExecutable(program))
    return [pythonOn(path), program, ...words]
  return command.words
}

// internal

/** `python` is what an activated environment offers; where there is none, systems have `python3`. */
function pythonOn(path: string | undefined): string {
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '')
  const found = folders.some((folder) => isExecutable(join(folder, 'python')))
  return found ? 'python' : 'python3'
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return isFile(path)
  } catch {
    return false
  }
}
