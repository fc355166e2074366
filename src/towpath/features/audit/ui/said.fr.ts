import type { Messages } from "@ui/i18n/messages";

/** What the server says on these pages, by its own sentence. */
const said: Messages = {
  "The {name} is not one of a page before; leave it out to begin anew.":
    "Le {name} n’est pas celui d’une page précédente ; omettez-le pour recommencer.",
  "Give both number and hash of the row you noted, or neither.":
    "Donnez le numéro et l’empreinte de la ligne notée, ou aucun des deux.",
  "The audit is empty; there is nothing to sign yet.":
    "Le journal est vide ; il n’y a encore rien à signer.",
  "The search takes too long; narrow it by time, by who or by what.":
    "La recherche dure trop longtemps ; restreignez-la par le temps, par qui ou par quoi.",
  "The audit has no row {number}; it may have been removed as too old.":
    "Le journal n’a pas de ligne {number} ; elle a peut-être été retirée car trop ancienne.",
  "The audit does not verify (row {wrong_number}: {reason}), so nothing is removed from it; find out what happened first.":
    "Le journal ne se vérifie pas (ligne {wrong_number} : {reason}), rien n’en est donc retiré ; cherchez d’abord ce qui s’est passé.",
};

export default said;
