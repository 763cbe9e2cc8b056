import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../src/domain/errors.ts'
import { type AnswerMessage, type CallMessage, createCaller, serveCall } from '../../src/wire/thread-calls.ts'

const COMMANDS = {
  double: (value: number) => value * 2,
  later: async (value: string) => value,
  refuse: (what: string): string => {
    throw new AppError('conflict', `${what} is busy`)
  },
  fail: async (code: string): Promise<void> => {
    throw Object.assign(new Error('it broke'), { code })
  },
}

/** A caller whose messages are served at once, as structured clones of themselves. */
function connected() {
  const sent: CallMessage[] = []
  const answered: AnswerMessage[] = []
  const caller = createCaller<typeof COMMANDS>((message) => {
    sent.push(message)
    serveCall(COMMANDS, structuredClone(message), (answer) => {
      answered.push(answer)
      caller.settle(structuredClone(answer))
    })
  })
  return { caller, sent, answered }
}

test('a call gets what its command returns, at once or later', async () => {
  const { caller } = connected()
  assert.equal(await caller.call('double', 21), 42)
  assert.equal(await caller.call('later', 'a'), 'a')
})

test('a refusal arrives as the AppError that it was, any other error with its code', async () => {
  const { caller } = connected()
  await assert.rejects(caller.call('refuse', 'it'), (error) => {
    return error instanceof AppError && error.code === 'conflict' && error.message === 'it is busy'
  })
  await assert.rejects(caller.call('fail', 'EIO'), { message: 'it broke', code: 'EIO' })
  await assert.rejects(caller.call('unknown' as 'double', 1), /no command 'unknown'/)
})

test('who posts gets no answer, whatever becomes of it', async () => {
  const { caller, sent, answered } = connected()
  caller.post('double', 1)
  caller.post('refuse', 'it')
  caller.post('fail', 'EIO')
  await caller.call('later', '')
  assert.equal(sent.length, 4)
  assert.equal(answered.length, 1)
})

test('a closed caller still gets the answers it waits for, a failed one does not', async () => {
  const sent: CallMessage[] = []
  const caller = createCaller<typeof COMMANDS>((message) => sent.push(message))
  const waiting = caller.call('double', 2)
  caller.close(new Error('closed'))
  await assert.rejects(caller.call('double', 3), /closed/)
  caller.post('double', 4)
  assert.equal(sent.length, 1)
  caller.settle({ id: sent[0]?.id ?? -1, ok: true, value: 4 })
  assert.equal(await waiting, 4)

  const other = createCaller<typeof COMMANDS>(() => {})
  const lost = other.call('double', 2)
  other.fail(new Error('ended'))
  other.settle({ id: 1, ok: true, value: 4 })
  await assert.rejects(lost, /ended/)
})
