import {
  ActionIcon,
  AppShell,
  Burger,
  Container,
  Group,
  NavLink,
  Text,
  Title,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Route, Switch, useLocation } from 'wouter';
import { ClusterPage } from '../cluster/cluster-page';
import { TaskPage } from '../task/task-page';
import { TasksPage } from '../tasks/tasks-page';
import { Broken } from './broken';
import { Connection } from './connection';
import { TextLink } from './text-link';

const PAGES = [
  { path: '/', label: 'Cluster' },
  { path: '/tasks', label: 'Tasks' },
];

/** What stands around every page: where one is, and whether a master answers. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const [location] = useLocation();
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 180, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Title order={1} size="h4">
              Orbweaver
            </Title>
          </Group>
          <ColorSchemeToggle />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        {PAGES.map(({ path, label }) => (
          <NavLink
            key={path}
            component={Link}
            href={path}
            label={label}
            variant="filled"
            active={path === '/' ? location === '/' : location.startsWith(path)}
            onClick={close}
          />
        ))}
        <NavLink component="a" href="/docs" label="API" mt="auto" />
      </AppShell.Navbar>
      <AppShell.Main>
        <Container size="xl" p={0}>
          <Connection />
          <Broken at={location}>
            <Switch>
              <Route path="/" component={ClusterPage} />
              <Route path="/tasks" component={TasksPage} />
              <Route path="/tasks/:name">
                {({ name }) => <TaskPage key={name} name={decodeURIComponent(name)} />}
              </Route>
              <Route>
                <Text>
                  There is no such page. <TextLink href="/">To the cluster</TextLink>
                </Text>
              </Route>
            </Switch>
          </Broken>
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function ColorSchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'light' ? 'dark' : 'light';
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={`Use ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {other === 'dark' ? '☾' : '☀'}
    </ActionIcon>
  );
}
