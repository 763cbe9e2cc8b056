/** Whether this process is the one-file executable, and not Node or Deno with a script. */
export function isExecutable(): boolean {
  return process.getBuiltinModule('node:sea')?.isSea() ?? false
}
