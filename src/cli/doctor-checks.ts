/** What `doctor` looks at. Each check says what it found and, where something is wrong, what to do. Nothing is changed. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { findAssets, programVersion } from '../app/assets.ts'
import { type Config, redactUrl } from '../app/config.ts'
import { experimentsDatabase } from '../app/database-paths.ts'
import { holderName } from '../daemon/lock.ts'
import { type DaemonRecord, findRecords } from '../daemon/record.ts'
import { messageOf } from '../domain/errors.ts'
import { isRecord } from '../domain/event.ts'
import { isRunning } from '../platform/process-identity.ts'
import { checkDatabase } from '../store/backup.ts'
import { probeRedis } from '../transports/redis/probe.ts'
import { bytesText } from './wording.ts'

export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'problem'
  text: string
  /** What to do about it; null when there is nothing to do. */
  advice: string | null
}

export interface DoctorInput {
  /** Of the server that runs, else the one that would be started. */
  config: Config
  server: DaemonRecord | undefined
}

export type Check = (input: DoctorInput) => Promise<Finding[]> | Finding[]

/** In the order in which they are reported. */
export const CHECKS: Check[] = [
  checkVersion,
  checkRecords,
  checkServer,
  checkPaths,
  checkPorts,
  checkRedis,
  checkDatabases,
]

// internal

const ANSWER_MS_MAX = 3_000

function ok(check: string, text: string): Finding {
  return { check, state: 'ok', text, advice: null }
}

function checkVersion({ server }: DoctorInput): Finding[] {
  const version = programVersion()
  const text = `ao-server ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`
  if (server === undefined || server.version === version) return [ok('version', text)]
  const advice = 'run "ao-server restart" to have the server run this version'
  return [
    {
      check: 'version',
      state: 'warning',
      text: `${text}; the server runs version ${server.version}`,
      advice,
    },
  ]
}

function checkRecords({ config }: DoctorInput): Finding[] {
  const { running, stale } = findRecords(config.home)
  const lock = join(config.home, 'servers.lock')
  const findings: Finding[] = stale.map((path) => ({
    check: 'record',
    state: 'warning',
    text: `${path} is of a server that is gone`,
    advice: 'nothing: "ao-server start" and "ao-server status" remove it',
  }))
  if (existsSync(lock)) findings.push(lockFinding(lock))
  if (findings.length > 0) return findings
  return [
    ok(
      'record',
      running.length === 0 ? 'no server is recorded' : `${running.length} recorded, each with its process`,
    ),
  ]
}

function lockFinding(path: string): Finding {
  try {
    const text = readFileSync(path, 'utf8')
    const holder: unknown = JSON.parse(text)
    if (isRecord(holder) && isRunning(Number(holder.pid), String(holder.process_start)))
      return ok('record', `${holderName(text)} is at work; no server can be started meanwhile`)
  } catch {
    // Not readable or gone by now: either way nobody holds it.
  }
  const advice = 'nothing: the next "ao-server start" takes it away'
  return {
    check: 'record',
    state: 'warning',
    text: `${path} was left behind by a command that was killed`,
    advice,
  }
}

async function checkServer({ server }: DoctorInput): Promise<Finding[]> {
  if (server === undefined) {
    return [{ check: 'server', state: 'warning', text: 'no server runs', advice: 'run "ao-server start"' }]
  }
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX)
    const { status } = await fetch(`${server.url}/readyz`, { signal, headers: authorization(server) })
    if (status === 200) return [ok('server', `answers at ${server.url} (pid ${server.pid})`)]
    const advice = 'run "ao-server status" and "ao-server logs --level WARNING"'
    return [{ check: 'server', state: 'problem', text: `${server.url} is not ready (${status})`, advice }]
  } catch (error) {
    const text = `${server.url} (pid ${server.pid}) does not answer: ${messageOf(error)}`
    return [
      {
        check: 'server',
        state: 'problem',
        text,
        advice: 'run "ao-server logs -n 50", then "ao-server restart"',
      },
    ]
  }
}

function authorization({ settings }: DaemonRecord): Record<string, string> {
  return settings.AO_TOKEN === undefined ? {} : { authorization: `Bearer ${settings.AO_TOKEN}` }
}

function checkPaths({ config }: DoctorInput): Finding[] {
  const folders = new Set([config.home, dirname(config.dbPath), config.experimentsDbFolder])
  const files = [config.dbPath, experimentsDatabase(config), join(config.home, 'logs', 'server.log')]
  return [...[...folders].map(folderFinding), ...files.map(fileFinding)]
}

function folderFinding(path: string): Finding {
  let existing = path
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  if (!isUsable(existing, constants.W_OK | constants.X_OK)) {
    const text =
      existing === path
        ? `${path} cannot be written`
        : `${path} cannot be made: ${existing} cannot be written`
    return { check: 'paths', state: 'problem', text, advice: rightsAdvice(existing, 'rwx') }
  }
  if (existing !== path) return ok('paths', `${path} does not exist yet; it will be made`)
  return ok('paths', `${path} (${rightsOf(path)})`)
}

function fileFinding(path: string): Finding {
  if (!existsSync(path)) return ok('paths', `${path} does not exist yet`)
  if (statSync(path).isDirectory()) {
    const advice = 'set its setting to the path of a file'
    return { check: 'paths', state: 'problem', text: `${path} is a folder`, advice }
  }
  if (!isUsable(path, constants.R_OK | constants.W_OK)) {
    const advice = rightsAdvice(path, 'rw')
    return { check: 'paths', state: 'problem', text: `${path} cannot be written`, advice }
  }
  const text = `${path} (${rightsOf(path)}, ${bytesText(statSync(path).size)})`
  if ((statSync(path).mode & 0o077) === 0) return ok('paths', text)
  const advice = `others can read prompts and keys in it: chmod 600 '${path}'`
  return { check: 'paths', state: 'warning', text, advice }
}

/** Only its owner can change who may do what with a file. */
function rightsAdvice(path: string, rights: string): string {
  const owner = statSync(path).uid
  if (owner === process.getuid?.()) return `give this user the right: chmod u+${rights} '${path}'`
  return `it belongs to another user (${owner}): run as that user, or choose another path (SQLITE_DB_PATH, AO_HOME, AO_DB_PATH)`
}

function isUsable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    // That is the answer: not with these rights.
    return false
  }
}

function rightsOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

async function checkPorts({ config, server }: DoctorInput): Promise<Finding[]> {
  if (server !== undefined) {
    const runners = server.runners === null ? '' : `, runners at ${server.runners}`
    return [ok('ports', `the server listens at ${server.url}${runners}`)]
  }
  return Promise.all([
    portFinding({ host: config.host, port: config.port, setting: '--port or WS_PORT' }),
    portFinding({
      host: config.runnerHost,
      port: config.runnerPort,
      setting: '--runner-port or AO_SERVER_PORT',
    }),
  ])
}

async function portFinding({
  host,
  port,
  setting,
}: {
  host: string
  port: number
  setting: string
}): Promise<Finding> {
  try {
    await listenOnce(host, port)
    return ok('ports', `${host}:${port} is free`)
  } catch (error) {
    const advice = `end the program that has it (lsof -i :${port}), or choose another with ${setting}`
    return {
      check: 'ports',
      state: 'problem',
      text: `${host}:${port} cannot be used: ${messageOf(error)}`,
      advice,
    }
  }
}

function listenOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

async function checkRedis({ config }: DoctorInput): Promise<Finding[]> {
  if (config.redisUrl === null) return [ok('redis', 'switched off; events come by HTTP only')]
  const url = redactUrl(config.redisUrl)
  try {
    const { version, streams } = await probeRedis(config.redisUrl, config.streams, ANSWER_MS_MAX)
    return [ok('redis', `Redis ${version} answers at ${url}`), ...streams.map(streamFinding)]
  } catch (error) {
    const advice = 'start Redis, or correct REDIS_URL, or switch it off with REDIS_URL=off'
    return [{ check: 'redis', state: 'problem', text: `${url} does not answer: ${messageOf(error)}`, advice }]
  }
}

function streamFinding({
  name,
  length,
  type,
}: {
  name: string
  length: number | null
  type: string
}): Finding {
  if (length !== null) return ok('redis', `stream ${name} holds ${length.toLocaleString('en-US')} entries`)
  if (type === 'none') return ok('redis', `stream ${name} does not exist yet; the first event makes it`)
  const advice = 'delete that key, or name another stream with EVENT_STREAM'
  return { check: 'redis', state: 'problem', text: `the key ${name} is no stream but a ${type}`, advice }
}

function checkDatabases({ config }: DoctorInput): Finding[] {
  const files = new Set([config.dbPath, experimentsDatabase(config)])
  const { nativeBinding } = findAssets(config.home)
  return (
    [...files]
      // What is wrong with the others is said of their paths.
      .filter((file) => existsSync(file) && statSync(file).isFile())
      .filter((file) => isUsable(file, constants.R_OK | constants.W_OK))
      .flatMap((file) => databaseFindings(file, nativeBinding))
  )
}

function databaseFindings(file: string, nativeBinding: string | undefined): Finding[] {
  const advice =
    'stop the server, keep a copy of the file, and bring back a backup ("ao-server backup" makes them)'
  try {
    const faults = checkDatabase({ file, nativeBinding })
    if (faults.length === 0) return [ok('database', `${file} passes SQLite's integrity check`)]
    return faults.map((text) => ({ check: 'database', state: 'problem', text: `${file}: ${text}`, advice }))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const needsRights = /^SQLITE_(CANTOPEN|READONLY|PERM)/.test(code)
    const text = `${file} cannot be checked: ${messageOf(error)}`
    return [
      {
        check: 'database',
        state: 'problem',
        text,
        advice: needsRights ? rightsAdvice(dirname(file), 'rwx') : advice,
      },
    ]
  }
}
