import { UnstyledButton } from '@mantine/core'
import { ChevronRight } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import styles from './panel.module.css'

interface SectionProps {
  title: string
  count?: number
  folded?: boolean
  children: ReactNode
}

/** A part of a panel that folds. */
export function Section({ title, count, folded = false, children }: SectionProps) {
  const [open, setOpen] = useState(!folded)
  return (
    <section className={styles.section}>
      <UnstyledButton className={styles.sectionTitle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight size={13} data-open={open || undefined} />
        <span>{title}</span>
        {count !== undefined && <span className="num faint">{count}</span>}
      </UnstyledButton>
      {open && <div className={styles.sectionBody}>{children}</div>}
    </section>
  )
}
