import { MergeView } from '@codemirror/merge'
import { useEffect, useRef } from 'react'
import styles from './code.module.css'
import { type CodeLanguage, codeExtensions } from './code-setup.ts'

export interface CodeDifferenceProps {
  left: string
  right: string
  language: CodeLanguage
  leftLabel: string
  rightLabel: string
  height?: number | 'fill'
}

/** Two texts side by side with what differs marked; long equal parts are folded. */
export function CodeDifference({
  left,
  right,
  language,
  leftLabel,
  rightLabel,
  height = 420,
}: CodeDifferenceProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return
    const side = (doc: string, label: string) => ({
      doc,
      extensions: codeExtensions({ language, readOnly: true, label }, doc.length),
    })
    const view = new MergeView({
      parent: place.current,
      a: side(left, leftLabel),
      b: side(right, rightLabel),
      collapseUnchanged: { margin: 3, minSize: 6 },
      diffConfig: { scanLimit: 2_000, timeout: 500 },
    })
    return () => view.destroy()
  }, [left, right, language, leftLabel, rightLabel])
  return (
    <div className={styles.sides}>
      <div className={styles.labels} aria-hidden="true">
        <span>{leftLabel}</span>
        <span>{rightLabel}</span>
      </div>
      <div
        ref={place}
        className={styles.code}
        data-fill={height === 'fill' || undefined}
        style={height === 'fill' ? {} : { maxHeight: height }}
      />
    </div>
  )
}
