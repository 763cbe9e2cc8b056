import { CloseButton } from '@mantine/core'
import type { ComparedNode } from '../../fold/compare-runs.ts'
import { DifferenceView } from '../../parts/code-view.tsx'
import styles from './compare.module.css'

/** The texts of one pair of nodes side by side. */
export function NodeDifference({ row, close }: { row: ComparedNode; close: () => void }) {
  const node = row.left ?? row.right
  const parts = [
    { name: 'Goal', left: row.left?.goal ?? '', right: row.right?.goal ?? '', language: 'text' as const },
    { name: 'Plan', left: row.left?.plan ?? '', right: row.right?.plan ?? '', language: 'json' as const },
    {
      name: 'Result',
      left: row.left?.result ?? '',
      right: row.right?.result ?? '',
      language: 'text' as const,
    },
  ].filter((part) => part.left !== '' || part.right !== '')
  return (
    <aside className={styles.panel} aria-label="Differences of the node">
      <header>
        <b className="mono">{node?.nid || 'root'}</b>
        <span className="cut" dir="auto">
          {node?.goal}
        </span>
        <CloseButton size="sm" aria-label="Close" onClick={close} />
      </header>
      <div className={styles.panelBody}>
        {parts.map((part) => (
          <section key={part.name}>
            <h3>
              {part.name}{' '}
              <span className="faint">{part.left === part.right ? 'is the same' : 'differs'}</span>
            </h3>
            <DifferenceView
              left={part.left}
              right={part.right}
              language={part.language}
              leftLabel="First run"
              rightLabel="Second run"
              height={360}
            />
          </section>
        ))}
      </div>
    </aside>
  )
}
