import { domainActions } from '../../../inventory/domain-actions.js';
import { DomainState, isActive } from '../../../libvirt/domain-state.js';
import type { Binding } from '../../kit/binding.js';
import {
  actionRefusal,
  type Choose,
  type ChosenDomains,
  runDomainAction,
} from '../../services/domain-action.js';
import { openGuestLogin } from '../../services/guest-login.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { openSerialConsole } from '../../services/serial-console.js';
import { openDelete } from '../delete-domain/open-delete.js';

/** What a key on domains acts on. */
export interface DomainKeyContext extends ChosenDomains {
  readonly host: ScreenHost;
}

type DomainBinding = Binding<DomainKeyContext>;

/** What has no footer words of its own is called there as the action is. */
function action(
  key: string,
  choose: Choose,
  help: string,
  label: DomainBinding['label'] = ({ domains: [{ domain }] }) => domainActions[choose(domain)].title(domain),
): DomainBinding {
  return {
    keys: [key],
    on: 'domain',
    help,
    label,
    refusal: ({ domains }) => actionRefusal(domains, choose),
    run: ({ host, ...chosen }) => runDomainAction(host, chosen, choose),
  };
}

/** `s` brings a domain to run: a paused one goes on, any other starts. */
const startAction: Choose = ({ state }) =>
  state === DomainState.paused || state === DomainState.pmSuspended ? 'resume' : 'start';

function inGuestRefusal({ domains }: DomainKeyContext): string | undefined {
  const [{ connection, domain }] = domains;
  if (domains.length > 1) return `It is for one domain: ${domains.length} are marked.`;
  if (connection.status.state !== 'connected') return `${connection.name} is not connected.`;
  return isActive(domain) ? undefined : `${domain.name} is not running`;
}

/** Every key on a domain, or on all that are marked. */
export const domainBindings: readonly DomainBinding[] = [
  action('s', startAction, 'start; resume if paused', ({ domains: [{ domain }], marked }) =>
    marked ? 'start' : domainActions[startAction(domain)].title(domain),
  ),
  action('d', () => 'shutdown', 'shut down (ACPI or agent)'),
  {
    keys: ['t'],
    on: 'domain',
    help: 'serial console (leave with Ctrl-])',
    label: 'console',
    refusal: inGuestRefusal,
    run: ({ host, domains: [{ connection, domain }] }) => void openSerialConsole(host, connection.id, domain),
  },
  {
    keys: ['L'],
    on: 'domain',
    help: 'log in (ssh)',
    label: 'log in',
    refusal: inGuestRefusal,
    run: ({ host, domains: [{ connection, domain }] }) => void openGuestLogin(host, connection.id, domain),
  },
  action('R', () => 'reboot', 'reboot'),
  action('p', () => 'suspend', 'pause'),
  action('F', () => 'destroy', 'force off (asks)'),
  action('M', () => 'managedSave', 'managed save: store the memory, then off', 'save'),
  action(
    'A',
    () => 'autostart',
    'autostart on or off',
    ({ domains: [{ domain }, ...more] }) =>
      domain.autostart && more.length === 0 ? 'autostart off' : 'autostart',
  ),
  {
    keys: ['D'],
    on: 'domain',
    help: 'delete, choosing which volumes go too (asks)',
    label: 'delete',
    refusal: ({ domains }) =>
      domains.some(({ connection }) => connection.status.state === 'connected')
        ? undefined
        : `${domains[0].connection.name} is not connected.`,
    run: ({ host, domains }) => void openDelete(host, domains),
  },
];
