import { Kbd, Modal } from '@mantine/core'
import styles from './shortcut-help.module.css'
import { SHORTCUTS } from './shortcut-list.ts'

export function ShortcutHelp({ close }: { close: () => void }) {
  return (
    <Modal opened onClose={close} title="Keyboard shortcuts" size={680} radius={10} centered>
      <div className={styles.groups}>
        {SHORTCUTS.map((group) => (
          <section key={group.title}>
            <h3 className={styles.title}>{group.title}</h3>
            {group.keys.map(({ keys, does }) => (
              <div key={does} className={styles.row}>
                <span>{does}</span>
                <span className={styles.keys}>
                  {keys.map((key) => (
                    <Kbd key={key} size="xs">
                      {key}
                    </Kbd>
                  ))}
                </span>
              </div>
            ))}
          </section>
        ))}
      </div>
    </Modal>
  )
}
