import { Box, useApp, useWindowSize } from 'ink';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import type { Dispatcher } from '../input/dispatcher.js';
import { useTerminalInput } from '../input/use-terminal-input.js';
import { HelpScreen } from '../kit/help-screen.js';
import { MenuDialog } from '../kit/menu-dialog.js';
import { QuestionDialog } from '../kit/question-dialog.js';
import { ManagerScreen } from '../screens/manager/manager-screen.js';
import type { ManagerModel } from '../screens/manager/model.js';
import type { ScreenHost } from '../services/screen-host.js';
import { suspendToShell } from '../terminal/suspend.js';
import { registerHandlers } from './handlers.js';
import { PaneScreen } from './pane-screen.js';

export interface AppProps {
  readonly model: ManagerModel;
  readonly host: ScreenHost;
  readonly dispatcher: Dispatcher;
  readonly quit: () => void;
}

/** The whole program on the screen: the Manager, and what lies above it. */
export function App({ model, host, dispatcher, quit }: AppProps): ReactNode {
  const { panes, terminal } = host;
  const size = useWindowSize();
  const { suspendTerminal } = useApp();
  useTerminalInput(dispatcher, (work) => model.batch(work));
  useEffect(() => {
    const suspend = (): void => void suspendToShell(suspendTerminal);
    const stop = registerHandlers(dispatcher, model, { quit, suspend, host });
    const detach = terminal.attach(suspendTerminal);
    // `kill -TSTP` from elsewhere; the key itself arrives as Ctrl-Z, the terminal being in raw mode.
    process.on('SIGTSTP', suspend);
    return () => {
      stop();
      detach();
      process.off('SIGTSTP', suspend);
    };
  }, [dispatcher, model, host, terminal, quit, suspendTerminal]);
  const { help, question, menu } = useSyncExternalStore(model.ui.subscribe, model.ui.getState);
  const pane = useSyncExternalStore(panes.subscribe, panes.top);
  if (help !== undefined) {
    return <HelpScreen look={model.look} size={size} top={help.top} pane={pane} />;
  }
  return (
    <Box width={size.columns} height={size.rows} overflow="hidden">
      {pane === undefined ? <ManagerScreen model={model} /> : <PaneScreen panes={panes} />}
      {menu !== undefined && <MenuDialog menu={menu} look={model.look} size={size} />}
      {question !== undefined && <QuestionDialog question={question} look={model.look} size={size} />}
    </Box>
  );
}
