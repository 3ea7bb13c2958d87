import { Alert, Badge, Code, Group, List, Stack, Table, Text } from '@mantine/core';
import type { TriedPage } from '../../api/client';
import { ItemTable } from '../../items/item-table';
import { bytes, count, duration, several } from '../../shell/words';

/** What came of a trial: the page, its fields, its items, where it leads to. */
export function Tried({ page }: { page: TriedPage }) {
  const { error = '', remarks = [], fields = [], follows = [], items = [], itemCount = 0, log = [] } = page;
  return (
    <Stack gap="sm" role="status">
      <Answer page={page} />
      {error !== '' && <Alert color="red" title={error} />}
      {remarks.length > 0 && (
        <Alert color="yellow" title="To know before it is added">
          <List size="sm">
            {remarks.map((remark) => (
              <List.Item key={remark}>{remark}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {fields.length > 0 && <Fields fields={fields} />}
      {follows.length > 0 && <Follows follows={follows} />}
      {itemCount > 0 && (
        <div>
          <Text size="sm" fw={500}>
            {several(itemCount, 'item')}
            {items.length < itemCount ? `, the first ${items.length}` : ''}
          </Text>
          <ItemTable label="Items of the trial" items={items.map((data, position) => ({ data, position }))} />
        </div>
      )}
      {log.length > 0 && <Code block>{log.join('\n')}</Code>}
    </Stack>
  );
}

function Answer({ page }: { page: TriedPage }) {
  const {
    url = '',
    status = 0,
    tookMs,
    bytes: size,
    rule = '',
    title = '',
    robots = '',
    linkCount = 0,
  } = page;
  return (
    <div>
      <Group gap="xs">
        <Badge color={status >= 200 && status < 300 ? 'teal' : 'red'} variant="dot">
          {status === 0 ? 'no answer' : status}
        </Badge>
        {page.allowed === false && (
          <Badge color="red" variant="dot">
            forbidden by robots.txt
          </Badge>
        )}
        <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
          {title === '' ? url : title}
        </Text>
      </Group>
      <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
        {[
          url,
          `${bytes(size)} in ${duration(Number(tookMs ?? 0))}`,
          ...(rule === '' ? [] : [`read by the rule ${rule}`]),
          several(linkCount, 'link'),
          ...(robots === '' ? [] : [robots]),
        ].join(' · ')}
      </Text>
    </div>
  );
}

function Fields({ fields }: { fields: NonNullable<TriedPage['fields']> }) {
  return (
    <Table.ScrollContainer minWidth={480} tabIndex={0} role="region" aria-label="Fields">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Looked for</Table.Th>
            <Table.Th>Found</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map(({ name, place, type, required = false, values = [], missCount = 0, miss = '' }) => (
            <Table.Tr key={name}>
              <Table.Td>
                {name}
                <Text size="xs">{[type, ...(required ? ['required'] : [])].join(', ')}</Text>
              </Table.Td>
              <Table.Td>
                <Text size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                  {place}
                </Text>
              </Table.Td>
              <Table.Td maw={320}>
                <Text size="sm" lineClamp={2}>
                  {values.join(' · ')}
                </Text>
                {missCount > 0 && (
                  <Text size="xs" c="red">
                    missing in {several(missCount, 'item')}
                    {miss === '' ? '' : `: ${miss}`}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Follows({ follows }: { follows: NonNullable<TriedPage['follows']> }) {
  return (
    <List size="sm">
      {follows.map(({ to = '', place = '', count: number = 0, leftOutCount = 0, urls = [] }) => (
        <List.Item key={`${to} ${place}`}>
          {count(number)} to {to === '' ? 'further pages' : <b>{to}</b>} by <Code>{place}</Code>
          {leftOutCount > 0 && `, ${count(leftOutCount)} left out`}
          {urls.length > 0 && (
            <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
              {urls.slice(0, 3).join(' · ')}
              {number > 3 ? ' …' : ''}
            </Text>
          )}
        </List.Item>
      ))}
    </List>
  );
}
