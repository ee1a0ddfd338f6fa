import { type DomainActionId, domainActions } from '../../inventory/domain-actions.js';
import type { Connection, Domain } from '../../inventory/types.js';
import { DomainState, isActive } from '../../libvirt/domain-state.js';

export { keyLabel } from './binding.js';

/** A domain with the connection it belongs to. */
export interface DomainSelection {
  readonly kind: 'domain';
  readonly connection: Connection;
  readonly domain: Domain;
}

export interface HostSelection {
  readonly kind: 'host';
  readonly connection: Connection;
}

/** What the keys act on: the selected row, or all domains that are marked. */
export type Selection =
  | { readonly kind: 'none' }
  | HostSelection
  | DomainSelection
  | { readonly kind: 'marked'; readonly domains: readonly DomainSelection[] };

/** Where a key means something. */
export type KeyContext = 'everywhere' | 'domain' | 'host';

/** A key of the Manager's table. */
export interface Binding {
  /** Dotted name of what happens, e.g. "domain.shutdown": the command that is run. */
  readonly id: CommandId;
  /** Names as in KeyEvent; the first is the one shown. */
  readonly keys: readonly string[];
  /** For the help screen: what it does, whatever is selected. */
  readonly help: string;
  readonly context: KeyContext;
  /** Place in the footer, lower first; absent: only in the help. */
  readonly footer?: number;
  /** Two words for the footer, for what is selected. */
  readonly label?: string | ((selection: Selection) => string);
  /** Loses something of the person's: a question comes first. */
  readonly danger?: boolean;
  /** Why it cannot be used now, or undefined where it can. */
  readonly unavailable?: (selection: Selection) => string | undefined;
}

const isDomain = (selection: Selection): selection is DomainSelection => selection.kind === 'domain';

const isHost = (selection: Selection): selection is HostSelection => selection.kind === 'host';

/** The host that a selection is on; of several marked, that of the first. */
export function connectionOf(selection: Selection): Connection | undefined {
  if (selection.kind === 'marked') return selection.domains[0]?.connection;
  return selection.kind === 'none' ? undefined : selection.connection;
}

/** A key for a domain action: usable when a domain is selected and its state allows the action. */
function domainKey(
  key: string,
  action: DomainActionId | ((domain: Domain) => DomainActionId),
  rest: Pick<Binding, 'help' | 'footer' | 'label' | 'danger'>,
): Binding {
  return {
    id: `domain.${key}`,
    keys: [key],
    context: 'domain',
    ...rest,
    unavailable: (selection) => {
      const choose = typeof action === 'function' ? action : () => action;
      if (isDomain(selection)) return refusalOf(selection, choose);
      if (selection.kind !== 'marked') return 'Select a domain first.';
      const { domains } = selection;
      // Thousands may be marked, and the footer asks for every key at every frame: the first able one decides.
      if (domains.some((domain) => refusalOf(domain, choose) === undefined)) return undefined;
      const [first] = domains;
      const reason = first && refusalOf(first, choose);
      return domains.length === 1 ? reason : `None of the ${domains.length} marked: ${reason}`;
    },
  };
}

/** A key for domains in whatever state: usable where the host of one of them is connected. */
function anyDomainKey(key: string, rest: Pick<Binding, 'help' | 'footer' | 'label' | 'danger'>): Binding {
  return {
    id: `domain.${key}`,
    keys: [key],
    context: 'domain',
    ...rest,
    unavailable: (selection) => {
      const domains = chosenDomains(selection);
      const [first] = domains;
      if (first === undefined) return 'Select a domain first.';
      const able = domains.some(({ connection }) => connection.status.state === 'connected');
      return able ? undefined : `${first.connection.name} is not connected.`;
    },
  };
}

/** A key for a domain alone, however many are marked. */
function oneDomainKey(
  key: string,
  refusal: (domain: Domain) => string | undefined,
  rest: Pick<Binding, 'help' | 'footer' | 'label'>,
): Binding {
  return {
    id: `domain.${key}`,
    keys: [key],
    context: 'domain',
    ...rest,
    unavailable: (selection) => {
      const domains = chosenDomains(selection);
      const [first] = domains;
      if (first === undefined) return 'Select a domain first.';
      if (domains.length > 1) return `It is for one domain: ${domains.length} are marked.`;
      const { connection, domain } = first;
      return connection.status.state === 'connected'
        ? refusal(domain)
        : `${connection.name} is not connected.`;
    },
  };
}

/** The domains that a key acts on. */
export function chosenDomains(selection: Selection): readonly DomainSelection[] {
  if (selection.kind === 'marked') return selection.domains;
  return isDomain(selection) ? [selection] : [];
}

/** A key for a connection: usable on a host's row. */
function hostKey(
  key: string,
  {
    refusal,
    ...rest
  }: Pick<Binding, 'help' | 'footer' | 'label' | 'danger'> & {
    readonly refusal?: (connection: Connection) => string | undefined;
  },
): Binding {
  return {
    id: `host.${key}`,
    keys: [key],
    context: 'host',
    ...rest,
    unavailable: (selection) =>
      isHost(selection) ? refusal?.(selection.connection) : 'Select a host first.',
  };
}

/** Why an action cannot be done to a domain, undefined where it can. */
export function refusalOf(
  { connection, domain }: DomainSelection,
  choose: (domain: Domain) => DomainActionId,
): string | undefined {
  if (connection.status.state !== 'connected') return `${connection.name} is not connected.`;
  return domainActions[choose(domain)].refusal(domain);
}

/** `s` brings a domain to run: a paused one goes on, any other starts. */
export function startAction(domain: Domain): DomainActionId {
  return domain.state === DomainState.paused || domain.state === DomainState.pmSuspended ? 'resume' : 'start';
}

/** Which inventory action stands behind a domain key. */
export const domainActionOf: Readonly<Record<string, (domain: Domain) => DomainActionId>> = {
  'domain.s': startAction,
  'domain.d': () => 'shutdown',
  'domain.R': () => 'reboot',
  'domain.p': () => 'suspend',
  'domain.F': () => 'destroy',
  'domain.M': () => 'managedSave',
  'domain.A': () => 'autostart',
};

/** Every key of the Manager screen. Footer and help are made from this table. */
export const bindings = [
  { id: 'move.up', keys: ['up', 'k'], help: 'move up', context: 'everywhere' },
  { id: 'move.down', keys: ['down', 'j'], help: 'move down', context: 'everywhere' },
  { id: 'move.pageUp', keys: ['pageup'], help: 'a page up', context: 'everywhere' },
  { id: 'move.pageDown', keys: ['pagedown'], help: 'a page down', context: 'everywhere' },
  { id: 'move.first', keys: ['g', 'home'], help: 'first row', context: 'everywhere' },
  { id: 'move.last', keys: ['G', 'end'], help: 'last row', context: 'everywhere' },
  {
    id: 'row.open',
    keys: ['enter'],
    help: 'open a domain or a host; connect a host',
    context: 'everywhere',
    footer: 0,
    label: (selection) =>
      isHost(selection) && selection.connection.status.state !== 'connected' ? 'connect' : 'open',
    unavailable: (selection) => {
      if (selection.kind === 'none') return 'There is nothing to open.';
      if (!isHost(selection)) return undefined;
      const { state } = selection.connection.status;
      return state === 'connecting' ? 'The connection is being made.' : undefined;
    },
  },
  { id: 'row.fold', keys: ['left'], help: 'fold; from a domain to its host', context: 'everywhere' },
  { id: 'row.unfold', keys: ['right'], help: 'unfold', context: 'everywhere' },
  domainKey('s', startAction, {
    help: 'start; resume if paused',
    footer: 1,
    label: (selection) => (isDomain(selection) ? startAction(selection.domain) : 'start'),
  }),
  domainKey('d', 'shutdown', { help: 'shut down (ACPI or agent)', footer: 2, label: 'shut down' }),
  oneDomainKey('t', (domain) => (isActive(domain) ? undefined : `${domain.name} is not running`), {
    help: 'serial console (leave with Ctrl-])',
    footer: 2.3,
    label: 'console',
  }),
  domainKey('R', 'reboot', { help: 'reboot', footer: 3, label: 'reboot' }),
  domainKey('p', 'suspend', { help: 'pause', footer: 4, label: 'pause' }),
  domainKey('F', 'destroy', { help: 'force off (asks)', footer: 5, label: 'force off', danger: true }),
  domainKey('M', 'managedSave', {
    help: 'managed save: store the memory, then off',
    footer: 6,
    label: 'save',
  }),
  domainKey('A', 'autostart', {
    help: 'autostart on or off',
    footer: 7,
    label: (selection) => (isDomain(selection) && selection.domain.autostart ? 'autostart off' : 'autostart'),
  }),
  anyDomainKey('D', {
    help: 'delete, choosing which volumes go too (asks)',
    footer: 9.5,
    label: 'delete',
    danger: true,
  }),
  hostKey('x', {
    help: 'disconnect',
    footer: 1,
    label: 'disconnect',
    refusal: ({ name, status }) =>
      status.state === 'disconnected' ? `${name} is not connected.` : undefined,
  }),
  hostKey('A', { help: 'autoconnect on or off', footer: 2, label: 'autoconnect' }),
  hostKey('D', {
    help: 'remove the connection from the list (asks)',
    footer: 3,
    label: 'remove',
    danger: true,
  }),
  {
    id: 'vm.create',
    keys: ['c'],
    help: 'new VM on this host',
    context: 'everywhere',
    footer: 9,
    label: 'new VM',
    unavailable: (selection) => {
      const connection = connectionOf(selection);
      if (connection === undefined) return 'Select a host first.';
      return connection.status.state === 'connected' ? undefined : `${connection.name} is not connected.`;
    },
  },
  {
    id: 'connection.add',
    keys: ['a'],
    help: 'add a connection',
    context: 'everywhere',
    footer: 12.7,
    label: 'add connection',
  },
  {
    id: 'mark.toggle',
    keys: ['space'],
    help: 'mark a domain, or those of a host: keys act on all marked',
    context: 'everywhere',
  },
  { id: 'mark.all', keys: ['*'], help: 'mark all shown, or none', context: 'everywhere' },
  {
    id: 'filter.open',
    keys: ['/'],
    help: 'filter rows by name, state or host',
    context: 'everywhere',
    footer: 10,
    label: 'filter',
  },
  { id: 'filter.clear', keys: ['escape'], help: 'clear the filter, then the marks', context: 'everywhere' },
  {
    id: 'sort.next',
    keys: ['o'],
    help: 'sort by the next column',
    context: 'everywhere',
    footer: 11,
    label: 'sort',
  },
  { id: 'sort.reverse', keys: ['O'], help: 'reverse the order', context: 'everywhere' },
  { id: 'refresh', keys: ['r'], help: 'refresh now', context: 'everywhere', footer: 12, label: 'refresh' },
  {
    id: 'palette',
    keys: [':'],
    help: 'every action by name',
    context: 'everywhere',
    footer: 12.5,
    label: 'actions',
  },
  { id: 'tasks', keys: ['J'], help: 'tasks: long work, running and finished', context: 'everywhere' },
  { id: 'view', keys: ['V'], help: 'choose columns and grouping', context: 'everywhere' },
  { id: 'interval.longer', keys: ['+'], help: 'longer refresh interval', context: 'everywhere' },
  { id: 'interval.shorter', keys: ['-'], help: 'shorter refresh interval', context: 'everywhere' },
  { id: 'help', keys: ['?'], help: 'this help', context: 'everywhere', footer: 8, label: 'help' },
  { id: 'suspend', keys: ['ctrl-z'], help: 'suspend to the shell', context: 'everywhere' },
  {
    id: 'quit',
    keys: ['q', 'ctrl-c'],
    help: 'quit; in forms and on screens above another q goes back',
    context: 'everywhere',
    footer: 13,
    label: 'quit',
  },
] as const satisfies readonly Binding[];

export type CommandId = string;

/** Keys of a domain alone, as its screen offers them. */
export const domainBindings: readonly Binding[] = (bindings as readonly Binding[]).filter(
  ({ context, footer }) => context === 'domain' && footer !== undefined,
);

/** What a key stands for on a row of a kind; a key that belongs to another kind stands for that. */
export function bindingFor(key: string, kind: Selection['kind']): Binding | undefined {
  const found = (bindings as readonly Binding[]).filter(({ keys }) => keys.includes(key));
  const context = kind === 'marked' ? 'domain' : kind;
  return found.find((binding) => binding.context === context) ?? found[0];
}

/** The bindings to offer for what is selected, most useful first. */
export function footerBindings(selection: Selection): { binding: Binding; label: string }[] {
  return (bindings as readonly Binding[])
    .filter(
      (binding) =>
        binding.footer !== undefined &&
        (selection.kind !== 'marked' || binding.id !== 'row.open') &&
        binding.unavailable?.(selection) === undefined,
    )
    .sort((a, b) => (a.footer ?? 0) - (b.footer ?? 0))
    .map((binding) => ({
      binding,
      label: typeof binding.label === 'function' ? binding.label(selection) : (binding.label ?? ''),
    }));
}
