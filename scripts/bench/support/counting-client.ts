/**
 * Counting clients as a process of their own: `node counting-client.ts <url> <connections> <messages each per line>`. Prints `open`
 * when all are connected, and a line each time all of them together have received that many messages more.
 */
import { countFrames } from './frame-counter.ts'

const [url = '', connections = '1', perLine = '1'] = process.argv.slice(2)
const lineEvery = Number(connections) * Number(perLine)
let received = 0
let lines = 0

const count = (messages: number): void => {
  received += messages
  while (received >= (lines + 1) * lineEvery) {
    lines += 1
    process.stdout.write(`${lines}\n`)
  }
}
for (let index = 0; index < Number(connections); index += 1) {
  const socket = await countFrames(url, count)
  socket.on('close', () => {
    process.stderr.write(`a connection was closed after ${received} messages in all\n`)
    process.exit(1)
  })
}
process.stdout.write('open\n')
