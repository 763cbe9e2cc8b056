/** Text or JSON in an editor, for reading or for changing. The editor is loaded when it is first needed. */
import { Skeleton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { CodeDifferenceProps } from './code-difference.tsx'
import type { CodeEditorProps } from './code-editor.tsx'
import { loaded } from './load-error.ts'

const Editor = lazy(() => loaded(import('./code-editor.tsx')).then((file) => ({ default: file.CodeEditor })))
const Difference = lazy(() =>
  loaded(import('./code-difference.tsx')).then((file) => ({ default: file.CodeDifference })),
)

export function CodeView(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={120} radius={8} />}>
      <Editor {...props} />
    </Suspense>
  )
}

export function DifferenceView(props: CodeDifferenceProps) {
  return (
    <Suspense fallback={<Skeleton height={120} radius={8} />}>
      <Difference {...props} />
    </Suspense>
  )
}
