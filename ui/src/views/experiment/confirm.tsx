import { Button, Group, Text } from '@mantine/core'
import { modals } from '@mantine/modals'

interface Answer<T> {
  value: T
  label: string
  /** What the question is about; other answers are quiet. */
  color?: 'iris' | 'red.9'
}

/** Asks a question. The first answer has the focus; undefined when it was closed without an answer. */
export function choose<T extends string>(
  question: { title: string; text: string },
  answers: readonly Answer<T>[],
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const id = modals.open({
      title: question.title,
      centered: true,
      radius: 10,
      onClose: () => resolve(undefined),
      children: (
        <>
          <Text size="sm" c="dimmed">
            {question.text}
          </Text>
          <Group justify="flex-end" mt="lg" gap="xs">
            {answers.map(({ value, label, color }, index) => (
              <Button
                key={value}
                size="xs"
                data-autofocus={index === 0 || undefined}
                {...(color === undefined ? { variant: 'default' } : { color })}
                onClick={() => {
                  resolve(value)
                  modals.close(id)
                }}
              >
                {label}
              </Button>
            ))}
          </Group>
        </>
      ),
    })
  })
}

/** Asks before something that cannot be undone. */
export function confirmThen(
  question: { title: string; text: string; action: string },
  act: () => void,
): void {
  void choose(question, [
    { value: 'keep', label: 'Keep it' },
    { value: 'act', label: question.action, color: 'red.9' },
  ]).then((answer) => {
    if (answer === 'act') act()
  })
}
