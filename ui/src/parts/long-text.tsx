/** Text of an agent: Markdown reads as such, long text folds, nothing in it is ever run. */
import { SegmentedControl, UnstyledButton } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { looksLikeMarkdown } from '../format/markdown.ts'
import { formatCount } from '../format/numbers.ts'
import { CopyIcon } from './copy-button.tsx'
import { loaded } from './load-error.ts'
import styles from './long-text.module.css'

const Markdown = lazy(() => loaded(import('./markdown.tsx')).then((file) => ({ default: file.Markdown })))

/** What a folded text shows, and the most that is laid out as Markdown, in characters. */
const FOLD_LENGTH = 1_200
const MARKDOWN_LENGTH_MAX = 100_000

export function LongText({ text, what }: { text: string; what: string }) {
  const [open, setOpen] = useState(false)
  const markdown = looksLikeMarkdown(text) && text.length <= MARKDOWN_LENGTH_MAX
  const [form, setForm] = useState<'read' | 'raw'>('read')
  const folds = text.length > FOLD_LENGTH
  const shown = folds && !open ? text.slice(0, FOLD_LENGTH) : text
  return (
    <div className={styles.box}>
      <div className={styles.tools}>
        {markdown && (
          <SegmentedControl
            size="xs"
            aria-label="Form"
            value={form}
            onChange={(value) => setForm(value === 'raw' ? 'raw' : 'read')}
            data={[
              { value: 'read', label: 'Text' },
              { value: 'raw', label: 'Source' },
            ]}
          />
        )}
        <CopyIcon value={text} what={what} />
      </div>
      <div className={styles.text} data-folded={(folds && !open) || undefined}>
        {markdown && form === 'read' ? (
          <Suspense fallback={<div className={styles.plain}>{shown}</div>}>
            <Markdown text={shown} />
          </Suspense>
        ) : (
          <div className={styles.plain}>{shown}</div>
        )}
      </div>
      {folds && (
        <UnstyledButton className={styles.more} onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? 'Show less' : `Show all ${formatCount(text.length)} characters`}
        </UnstyledButton>
      )}
    </div>
  )
}
