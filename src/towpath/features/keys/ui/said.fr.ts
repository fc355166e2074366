import type { Messages } from "@ui/i18n/messages";

/** What the server says on these pages, by its own sentence. */
const said: Messages = {
  "There is no secret of '{owner}'; see the list of secrets.":
    "Il n’y a pas de secret de « {owner} » ; voyez la liste des secrets.",
  "{why}. Make a key by hand: in Odoo, as the user of '{name}', open Preferences, Account Security, New API Key; then run `towpath secrets set connection/{name2}` or replace it under Settings, Secrets. An administrator can allow it for all by the system parameter base.enable_programmatic_api_keys (Odoo 19).":
    "{why}. Créez une clé à la main : dans Odoo, comme utilisateur de « {name} », ouvrez Préférences, Sécurité du compte, Nouvelle clé d’API ; puis remplacez-la sous Paramètres, Secrets. Un administrateur peut le permettre pour tous par le paramètre système base.enable_programmatic_api_keys (Odoo 19).",
  "The key of '{name}' is being rotated by another process; wait for it.":
    "La clé de « {name} » est en cours de remplacement par un autre processus ; attendez-le.",
  "There is no connection '{name}' any more.":
    "Il n’y a plus de connexion « {name} ».",
  "{said}; remove old keys in Odoo under Preferences, Account Security, and try again.":
    "{said} ; retirez d’anciennes clés dans Odoo sous Préférences, Sécurité du compte, et réessayez.",
  "Odoo made the key '{key_name}' but does not take it, so the old one stays; remove that key in Odoo under Preferences, Account Security, and make one by hand.":
    "Odoo a créé la clé « {key_name} » mais ne l’accepte pas, l’ancienne reste donc ; retirez cette clé dans Odoo sous Préférences, Sécurité du compte, et créez-en une à la main.",
  "The key of '{name}' was changed by somebody else meanwhile.":
    "La clé de « {name} » a été changée par quelqu’un d’autre entre-temps.",
  "No rotation of the key of '{name}' is under way.":
    "Aucun remplacement de la clé de « {name} » n’est en cours.",
  "The secret is empty; nothing was changed.":
    "Le secret est vide ; rien n’a été changé.",
  "The secret of '{title}' is made by Towpath itself and can not be set.":
    "Le secret de « {title} » est créé par Towpath lui-même et ne peut pas être défini.",
  "There is no secret of '{owner}' any more.":
    "Il n’y a plus de secret de « {owner} ».",
  "signature of the audit":
    "signature du journal",
};

export default said;
