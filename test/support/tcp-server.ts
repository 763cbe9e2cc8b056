/** The runners' port alone, with a database of its own and limits that a test can reach. */
import { findAssets } from '../../src/app/assets.ts'
import { LIMITS } from '../../src/app/limits.ts'
import { createDevServices, type DevServicesDeps } from '../../src/experiments/dev-services.ts'
import { startReader, startWriter } from '../../src/store/thread.ts'
import { createMessageHandler } from '../../src/transports/message-handlers.ts'
import { createTcpServer } from '../../src/transports/tcp/server.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { recordingLog } from './test-server.ts'

type Limits = typeof LIMITS & (typeof LIMITS)['runners']

export async function tcpServer(
  t: { after(fn: () => void | Promise<void>): void },
  limits: Partial<Record<keyof Limits, number>> = {},
  token: string | null = null,
) {
  const folder = temporaryFolder(t)
  const { workerScript, migrationsFolder } = findAssets(folder)
  const thread = { file: `${folder}/experiments.sqlite`, workerScript, migrationsFolder }
  const writer = await startWriter(thread)
  const reader = await startReader(thread)
  const logged: string[] = []
  const log = recordingLog(logged)
  const all = { ...LIMITS, ...LIMITS.runners, ...limits } as DevServicesDeps['limits'] & Limits
  const gateway = { settled: async () => {}, close: () => {} }
  const rest = { gateway, rerun: false, rerunOutputFolder: `${folder}/logs`, environment: {}, limits: all }
  const services = createDevServices({ reader, writer, log, ...rest })
  const handler = createMessageHandler({ services, configPath: '', onShutdown: () => undefined })
  const deps = { host: '127.0.0.1', port: 0, token, services, handler, configPath: '', log, limits: all }
  const server = createTcpServer(deps)
  await server.start()
  t.after(async () => {
    await server.stop()
    await services.stop()
    await reader.stop()
    await writer.stop()
  })
  return { port: server.address()?.port ?? 0, logged, deps, server, services }
}
