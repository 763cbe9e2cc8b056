import { type Config, readHome, readSettings } from '../app/config.ts'
import { findRecords } from '../daemon/record.ts'
import { AppError, messageOf } from '../domain/errors.ts'
import { escapeControls } from '../domain/printable.ts'
import { command, type Environment, HOME_FLAG, JSON_FLAG } from './command.ts'
import { CHECKS, type Finding } from './doctor-checks.ts'
import { EXIT } from './exit-codes.ts'
import { chooseServer, PORT_FLAG } from './find-server.ts'
import type { Paint } from './terminal.ts'
import { countText } from './wording.ts'

export const doctor = command({
  name: 'doctor',
  description: 'Check everything a server needs, and say what to do',
  args: { ...JSON_FLAG, ...PORT_FLAG, ...HOME_FLAG },
  examples: [
    ['doctor', 'version, paths and rights, ports, Redis, databases, records'],
    ['doctor --json', 'to attach to a question'],
  ],
  exitCodes: [[EXIT.failed, 'there is a problem']],
  async run(args, { terminal, env }) {
    const home = readHome({ home: args.home }, env)
    const server = chooseServer(findRecords(home).running, args.port)
    const { config, faults } = readWhatCanBeUsed(home, server?.settings ?? env)
    const findings: Finding[] = []
    for (const check of [() => faults, ...CHECKS]) {
      const found = await check({ config, server })
      findings.push(...found)
      if (!args.json) for (const finding of found) await terminal.print(textOf(finding, terminal.paint.out))
    }
    const problems = findings.filter(({ state }) => state === 'problem').length
    if (args.json) await terminal.print(JSON.stringify({ ok: problems === 0, findings }, null, 2))
    else terminal.say(problems === 0 ? 'No problem found.' : `${countText(problems, 'problem')} found.`)
    return problems === 0 ? EXIT.done : EXIT.failed
  },
})

// internal

/** The settings, with the default in the place of each that cannot be used, and what is wrong with those. */
function readWhatCanBeUsed(home: string, env: Environment): { config: Config; faults: Finding[] } {
  const faults: Finding[] = []
  const usable = { ...env }
  for (;;) {
    try {
      return { config: readSettings({ home }, usable), faults }
    } catch (error) {
      const setting = error instanceof AppError ? error.details?.setting : undefined
      if (typeof setting !== 'string' || usable[setting] === undefined) throw error
      usable[setting] = undefined
      const advice = `correct ${setting}, or unset it`
      faults.push({ check: 'settings', state: 'problem', text: messageOf(error), advice })
    }
  }
}

function textOf({ check, state, text, advice }: Finding, paint: Paint): string {
  const marks = { ok: paint.green('✓'), warning: paint.yellow('!'), problem: paint.red('✗') }
  const line = `${marks[state]} ${paint.dim(check.padEnd(9))}${escapeControls(text)}`
  return advice === null ? line : `${line}\n  ${' '.repeat(9)}→ ${advice}`
}
