/** A reporter for Node's test runner: the paths of the files in which something failed, a line each. */
import type { TestEvent } from 'node:test/reporters'

export default async function* failedFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files = new Set<string>()
  for await (const { type, data } of events) {
    // A file that ended before its summary has failed as a test of that name.
    const failed = (type === 'test:summary' && !data.success) || type === 'test:fail'
    if (failed && data.file?.endsWith('.test.ts')) files.add(data.file)
  }
  yield [...files].join('\n')
}
