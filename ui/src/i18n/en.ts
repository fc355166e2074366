import type { Messages } from "@ui/i18n/messages";

const messages: Messages = {
  "shell.name": "Towpath",
  "shell.skip": "Skip to the page",
  "shell.menu": "Menu",
  "shell.settings": "Settings",
  "shell.signOut": "Sign out",
  "shell.notFound": "There is no such page",
  "shell.notFoundHint": "The address may be old. The menu leads to everything there is.",
  "shell.notAllowed": "You may not open this page",
  "shell.notAllowedHint": "Ask an administrator of Towpath for the role it takes.",
  "shell.loading": "Loading",
  "shell.failed": "That did not work",
  "shell.retry": "Try again",
  "shell.offline": "Towpath does not answer. It may be restarting; try again in a moment.",
};

export default messages;
