import type { Messages } from "@ui/i18n/messages";

const messages: Messages = {
  "shell.name": "Towpath",
  "shell.skip": "Aller à la page",
  "shell.menu": "Menu",
  "shell.settings": "Paramètres",
  "shell.signOut": "Se déconnecter",
  "shell.notFound": "Cette page n’existe pas",
  "shell.notFoundHint": "L’adresse est peut-être ancienne. Le menu mène à tout ce qui existe.",
  "shell.notAllowed": "Vous ne pouvez pas ouvrir cette page",
  "shell.notAllowedHint": "Demandez le rôle nécessaire à un administrateur de Towpath.",
  "shell.loading": "Chargement",
  "shell.failed": "Cela n’a pas fonctionné",
  "shell.retry": "Réessayer",
  "shell.offline": "Towpath ne répond pas. Il redémarre peut-être ; réessayez dans un instant.",
};

export default messages;
