import { Box, useApp, useWindowSize } from 'ink';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import type { Dispatcher } from '../input/dispatcher.js';
import { useTerminalInput } from '../input/use-terminal-input.js';
import { HelpScreen } from '../kit/help-screen.js';
import { MenuDialog } from '../kit/menu-dialog.js';
import { QuestionDialog } from '../kit/question-dialog.js';
import { ManagerScreen } from '../screens/manager/manager-screen.js';
import type { ManagerModel } from '../screens/manager/model.js';
import { registerHandlers } from './handlers.js';
import { PaneScreen } from './pane-screen.js';
import { keysOn } from './program.js';
import type { Program } from './program-keys.js';
import { PromptDialog } from './prompt-dialog.js';

export interface AppProps {
  readonly model: ManagerModel;
  readonly program: Program;
  readonly dispatcher: Dispatcher;
}

/** The whole program on the screen: the Manager, and what lies above it. */
export function App({ model, program, dispatcher }: AppProps): ReactNode {
  const { panes, terminal, prompts } = program.host;
  const size = useWindowSize();
  const { suspendTerminal } = useApp();
  useTerminalInput(dispatcher, (work) => model.batch(work));
  useEffect(() => {
    const { suspend } = program;
    const stop = registerHandlers(dispatcher, model, program);
    const detach = terminal.attach(suspendTerminal);
    // `kill -TSTP` from elsewhere; the key itself arrives as Ctrl-Z, the terminal being in raw mode.
    process.on('SIGTSTP', suspend);
    return () => {
      stop();
      detach();
      process.off('SIGTSTP', suspend);
    };
  }, [dispatcher, model, program, terminal, suspendTerminal]);
  const { help, question, menu } = useSyncExternalStore(model.ui.subscribe, model.ui.getState);
  const pane = useSyncExternalStore(panes.subscribe, panes.top);
  const prompt = useSyncExternalStore(prompts.subscribe, prompts.current);
  // A host that asks is seen on whatever screen.
  if (help !== undefined && prompt === undefined) {
    return <HelpScreen look={model.look} size={size} top={help.top} keys={keysOn(program, model)} />;
  }
  return (
    <Box width={size.columns} height={size.rows} overflow="hidden">
      {pane === undefined ? <ManagerScreen model={model} /> : <PaneScreen panes={panes} />}
      {menu !== undefined && <MenuDialog menu={menu} look={model.look} size={size} />}
      {question !== undefined && <QuestionDialog question={question} look={model.look} size={size} />}
      {prompt !== undefined && <PromptDialog open={prompt} look={model.look} size={size} />}
    </Box>
  );
}
