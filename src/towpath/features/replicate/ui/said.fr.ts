import type { Messages } from "@ui/i18n/messages";

/** What the server says on these pages, by its own sentence. */
const said: Messages = {
  "The name given is the key itself; choose a short name for the connection instead.":
    "Le nom donné est la clé elle-même ; choisissez plutôt un nom court pour la connexion.",
  "'{name}' can not be the name of a connection; use small letters, digits and _, at most 40, and begin with a letter.":
    "« {name} » ne peut pas être le nom d’une connexion ; utilisez des minuscules, des chiffres et _, 40 au plus, en commençant par une lettre.",
  "There is no connection '{name}'; see `towpath connection list`.":
    "Il n’y a pas de connexion « {name} » ; voyez la liste des sources.",
  "'{name}' can not be its own witness; name a connection whose user may read more.":
    "« {name} » ne peut pas être son propre témoin ; nommez une connexion dont l’utilisateur peut lire davantage.",
  "'{name}' leads to another database than '{name2}'; a witness must read the same one.":
    "« {name} » mène à une autre base que « {name2} » ; un témoin doit lire la même.",
  "There is a connection '{name}' already; choose another name or remove that one.":
    "Il y a déjà une connexion « {name} » ; choisissez un autre nom ou retirez celle-ci.",
  "There is a connection '{name}' already; choose another name.":
    "Il y a déjà une connexion « {name} » ; choisissez un autre nom.",
  "Streams still read from '{name}'; remove them first (`towpath stream list --connection {name2}`).":
    "Des flux lisent encore « {name} » ; retirez-les d’abord.",
  "The server chooses the database by its address.":
    "Le serveur choisit la base de données d’après son adresse.",
  "An Odoo answers there.":
    "Un Odoo y répond.",
  "Say what to change: `name`, `url`, `database`, `login`, `key`, `witness_id` or a limit of calls.":
    "Dites ce qui change : `name`, `url`, `database`, `login`, `key`, `witness_id` ou une limite d’appels.",
  "Odoo's own cloud takes one call at a time; give 1, or nothing.":
    "Le nuage d’Odoo accepte un appel à la fois ; donnez 1, ou rien.",
  "Odoo's own cloud takes one call a second; give 1 or less.":
    "Le nuage d’Odoo accepte un appel par seconde ; donnez 1 ou moins.",
  "This installation allows {most} calls a second; give no more than that.":
    "Cette installation autorise {most} appels par seconde ; ne donnez pas davantage.",
  "{value} calls at the same time can not be kept to; give 1 to {most}.":
    "{value} appels en même temps ne peuvent pas être tenus ; donnez de 1 à {most}.",
  "{value} calls a second can not be kept to; give {slowest} to {fastest}.":
    "{value} appels par seconde ne peuvent pas être tenus ; donnez de {slowest} à {fastest}.",
  "Give at least one day of working hours, from mon, tue, wed, thu, fri, sat and sun.":
    "Donnez au moins un jour d’heures de travail.",
  "Working hours must end at another time than they begin.":
    "Les heures de travail doivent finir à un autre moment qu’elles ne commencent.",
  "Say what holds in working hours: how many calls a second, or that no scheduled run starts.":
    "Dites ce qui vaut pendant les heures de travail : combien d’appels par seconde, ou qu’aucune exécution planifiée ne démarre.",
  "No scheduled run would ever start; leave some hours of the week free.":
    "Aucune exécution planifiée ne démarrerait jamais ; laissez libres quelques heures de la semaine.",
  "'{text}' is no time of the day; write it like 08:00 or 18:30.":
    "« {text} » n’est pas une heure ; écrivez-la comme 08:00 ou 18:30.",
  "There is no connection {connection_id}; see the list of connections.":
    "Il n’y a pas de connexion {connection_id} ; voyez la liste des connexions.",
  "Connection '{name}' was added without a witness: {message}":
    "La connexion « {name} » a été ajoutée sans témoin : {message}",
  "A table name can be given for one model at a time; use a prefix for several.":
    "Un nom de table se donne pour un modèle à la fois ; utilisez un préfixe pour plusieurs.",
  "Too many are watching at the moment; load the page again in a while.":
    "Trop de personnes regardent en ce moment ; rechargez la page dans un moment.",
  "Give one of `every`, `cron` and `at`.":
    "Donnez un seul de `every`, `cron` et `at`.",
  "There is no run {number} over many streams; see the list of batches.":
    "Il n’y a pas d’exécution {number} de plusieurs flux ; voyez la liste des lots.",
  "Give either `stream_ids` or `connection_id`.":
    "Donnez `stream_ids` ou `connection_id`.",
  "This connection has no streams yet; add some first.":
    "Cette connexion n’a pas encore de flux ; ajoutez-en d’abord.",
  "Name at least one stream.":
    "Nommez au moins un flux.",
  "Say what to change.":
    "Dites ce qui change.",
  "The stream is running; cancel its run first, then remove it.":
    "Le flux est en cours ; annulez d’abord son exécution, puis retirez-le.",
  "'{text}' is too short for reading all of a model again; give a minute or more.":
    "« {text} » est trop court pour relire tout un modèle ; donnez une minute ou plus.",
  "{given} and {given2} contradict each other; a stream runs in one way.":
    "{given} et {given2} se contredisent ; un flux s’exécute d’une seule façon.",
  "There is no group '{group}'; choose one of {known}.":
    "Il n’y a pas de groupe « {group} » ; choisissez l’un de ceux-ci : {known}.",
  "The model changed again and again while it was read; run the stream again when it is at rest.":
    "Le modèle a changé encore et encore pendant sa lecture ; relancez le flux quand il sera au repos.",
  "Went on behind {before} rows that were read before.":
    "A repris derrière {before} lignes déjà lues.",
  "The witness connection could not tell hidden from deleted records: {message}":
    "La connexion témoin n’a pas pu distinguer les enregistrements cachés des supprimés : {message}",
  "Odoo's clock was set back since the last run, so all records were read again.":
    "L’horloge d’Odoo a été reculée depuis la dernière exécution, tous les enregistrements ont donc été relus.",
  "{name} does not say when a record changed, so all of it was read.":
    "{name} ne dit pas quand un enregistrement a changé, tout a donc été lu.",
  "Odoo answered the groups of {field} in a form that is not known.":
    "Odoo a répondu aux groupes de {field} sous une forme inconnue.",
  "{field} had changed from the other side in {corrected} {records}.":
    "{field} avait changé depuis l’autre côté dans {corrected} enregistrements.",
  "Links of {name}: {inserted} new, {deleted} gone.":
    "Liens de {name} : {inserted} nouveaux, {deleted} disparus.",
  "The links of {name} have no table: {message}":
    "Les liens de {name} n’ont pas de table : {message}",
  "{deleted} records that were hidden or filtered do not exist in Odoo any more; they are marked as deleted now.":
    "{deleted} enregistrements qui étaient cachés ou filtrés n’existent plus dans Odoo ; ils sont maintenant marqués comme supprimés.",
  "{deleted} of {before} records are not shown by Odoo any more. If nobody meant that, see whether the rights of the Odoo user or the connection's address changed.":
    "{deleted} enregistrements sur {before} ne sont plus montrés par Odoo. Si personne ne l’a voulu, voyez si les droits de l’utilisateur Odoo ou l’adresse de la connexion ont changé.",
  "Hidden records could not be looked at again this time: {message}":
    "Les enregistrements cachés n’ont pas pu être revus cette fois : {message}",
  "Left out, because the model no longer shows them: {gone}.":
    "Laissés de côté, car le modèle ne les montre plus : {gone}.",
  "Odoo answered the grouped read of {name} in a form that is not known.":
    "Odoo a répondu à la lecture groupée de {name} sous une forme inconnue.",
  "Whether the table is complete could not be proved this time: {message}":
    "Cette fois, il n’a pas pu être prouvé que la table est complète : {message}",
  "{count} of ids {low}-{high} differed from Odoo and {count2} read again.":
    "{count} dans les ids {low}-{high} différaient d’Odoo ; relus : {count2}.",
  "{left} of {table_name} differ{else} from Odoo; `towpath sync verify --stream {table_name2}` reads them again.":
    "{left} de {table_name} diffèrent{else} d’Odoo ; `towpath sync verify --stream {table_name2}` les relit.",
  "Towpath's PostgreSQL did not answer; see that it runs, then run the stream again.":
    "Le PostgreSQL de Towpath n’a pas répondu ; voyez s’il tourne, puis relancez le flux.",
  "Something unexpected happened ({name}); see the log.":
    "Un imprévu est arrivé ({name}) ; voyez le journal.",
  "A part of the read was cancelled; the next run goes on where this one stopped.":
    "Une partie de la lecture a été annulée ; la prochaine exécution reprend là où celle-ci s’est arrêtée.",
  "{fields} had changed in {corrected} {rows} that Odoo had not stamped anew.":
    "{fields} avaient changé dans {corrected} {rows} qu’Odoo n’avait pas datées à nouveau.",
  "The masks of {fields} were changed; the table holds no values from before. Older versions of it keep theirs until the retention is over.":
    "Les masques de {fields} ont changé ; la table ne contient plus de valeurs d’avant. Ses anciennes versions gardent les leurs jusqu’à la fin de leur conservation.",
  "Renamed records of {closed} can not be found, because Odoo does not tell this user when they were changed; a full run brings their names up to date.":
    "Les enregistrements renommés de {closed} ne peuvent pas être trouvés, car Odoo ne dit pas à cet utilisateur quand ils ont changé ; une lecture complète met leurs noms à jour.",
  "Names of linked records were brought up to date in {corrected} {rows}.":
    "Les noms d’enregistrements liés ont été mis à jour dans {corrected} {rows}.",
  "Run it again: it goes on where this one stopped.":
    "Relancez : la lecture reprend là où celle-ci s’est arrêtée.",
  "The time of '{text}' never comes; correct its day or month.":
    "L’heure de « {text} » n’arrive jamais ; corrigez son jour ou son mois.",
  "'{text}' is too short; a stream can run every {least_seconds} seconds at most.":
    "« {text} » est trop court ; un flux peut s’exécuter toutes les {least_seconds} secondes au plus.",
  "'{text}' is no cron text; write its five fields minute, hour, day, month and weekday, such as '0 6 * * 1-5'.":
    "« {text} » n’est pas un texte cron ; écrivez ses cinq champs minute, heure, jour, mois et jour de la semaine, comme '0 6 * * 1-5'.",
  "'{name}' is no time zone; give its IANA name, such as Africa/Lagos, Europe/Lisbon or UTC.":
    "« {name} » n’est pas un fuseau horaire ; donnez son nom IANA, comme Africa/Lagos, Europe/Lisbon ou UTC.",
  "'{strip}' is no time of the day; write it like 06:00 or 18:30.":
    "« {strip} » n’est pas une heure du jour ; écrivez-la comme 06:00 ou 18:30.",
  "'{text}' is no cron text ({lower}); write minute, hour, day, month and weekday, such as '0 6 * * 1-5'.":
    "« {text} » n’est pas un texte cron ({lower}) ; écrivez minute, heure, jour, mois et jour de la semaine, comme '0 6 * * 1-5'.",
  "There is no stream {stream_id}; see the list of streams.":
    "Il n’y a pas de flux {stream_id} ; voyez la liste des flux.",
  "There is no run {run_id}; see the list of runs.":
    "Il n’y a pas d’exécution {run_id} ; voyez la liste des exécutions.",
  "Cancelled before it began.":
    "Annulée avant d’avoir commencé.",
  "The run has ended already ({state}); there is nothing to cancel.":
    "L’exécution est déjà finie ({state}) ; il n’y a rien à annuler.",
  "The run has not ended; cancel it first, or wait for it.":
    "L’exécution n’est pas finie ; annulez-la d’abord, ou attendez-la.",
  "{table_name} is being read at the moment; prove it when that run has ended.":
    "{table_name} est en cours de lecture ; prouvez-la quand cette exécution sera finie.",
  "'{text}' can not be the name of a {what}; use small letters, digits and _, at most 63, and begin with a letter.":
    "« {text} » ne peut pas être ce nom ({what}) ; utilisez des minuscules, des chiffres et _, 63 au plus, en commençant par une lettre.",
  "'{row}' is not a sync type; choose INCREMENTAL or FULL_TABLE.":
    "« {row} » n’est pas un type de synchronisation ; choisissez INCREMENTAL ou FULL_TABLE.",
  "The description has {row} characters; shorten it to {max_description} or fewer.":
    "La description a {row} caractères ; raccourcissez-la à {max_description} au plus.",
  "'{name}' may be several streams; name one of them in full: {paths}.":
    "« {name} » peut être plusieurs flux ; nommez-en un en entier : {paths}.",
  "There is a table {values} already; give the stream another table, folder or prefix.":
    "Il y a déjà une table {values} ; donnez au flux une autre table, un autre dossier ou un préfixe.",
  "Old states of the table were gone before every version was kept; versions between the last ones kept and this run are missing. Keep old states for longer (--retention).":
    "D’anciens états de la table avaient disparu avant que chaque version soit conservée ; des versions manquent entre les dernières gardées et cette exécution. Conservez les anciens états plus longtemps.",
  "Links to records that are deleted were brought up to date in {corrected} {rows}.":
    "Les liens vers des enregistrements supprimés ont été mis à jour dans {corrected} {rows}.",
  "The table has a column '{name}' of another field already; the values of '{name2}' go into the new column '{name3}'.":
    "La table a déjà une colonne « {name} » d’un autre champ ; les valeurs de « {name2} » vont dans la nouvelle colonne « {name3} ».",
  "{fields} could not be read by an earlier run, nor now; rows that were read since may hold older values of it. All records are read again as soon as it can be read.":
    "{fields} n’a pas pu être lu par une exécution précédente, ni maintenant ; les lignes lues depuis peuvent contenir d’anciennes valeurs. Tous les enregistrements seront relus dès que possible.",
  "{fields} can be read again, so all records were read again.":
    "{fields} peut être lu à nouveau : tous les enregistrements ont été relus.",
  "Labels of choices were brought up to date in {corrected} {rows}.":
    "Les libellés de choix ont été mis à jour dans {corrected} {rows}.",
  "'{name}' has another type in Odoo now; its values go into the new column '{name2}'.":
    "« {name} » a maintenant un autre type dans Odoo ; ses valeurs vont dans la nouvelle colonne « {name2} ».",
  "Odoo {version}{edition} answers at {url}.":
    "Odoo {version}{edition} répond à {url}.",
  "The database is “{name}”.":
    "La base de données est « {name} ».",
  "The only database is “{name}”.":
    "La seule base de données est « {name} ».",
  "Signed in as {name}.":
    "Connecté comme {name}.",
  "The key is accepted.":
    "La clé est acceptée.",
  "Odoo {version} at {url}, database “{name}”, signed in as {login}, over {protocol}.":
    "Odoo {version} à {url}, base « {name} », connecté comme {login}, par {protocol}.",
  "Odoo {version} at {url}, signed in as {login}, over {protocol}.":
    "Odoo {version} à {url}, connecté comme {login}, par {protocol}.",
  "Stopped, as working hours have begun; it goes on by itself when they are over.":
    "Arrêtée, car les heures de travail ont commencé ; elle reprend d’elle-même quand elles sont passées.",
  "Cancelled; the next run goes on where this one stopped.":
    "Annulée ; la prochaine exécution reprend là où celle-ci s’est arrêtée.",
  "The run was cut off and could not be taken up again; the next run goes on where it stopped.":
    "L’exécution a été interrompue et n’a pas pu être reprise ; la prochaine reprend là où elle s’est arrêtée.",
  "taken up again, for the {count}. time":
    "reprise, pour la {count}e fois",
  "{one} can not run after {other}: that one runs after it, and the two would never end.":
    "{one} ne peut pas suivre {other} : celui-ci le suit déjà, et les deux ne finiraient jamais.",
  "'{field}' of {model} is no many2many field; only those become link tables.":
    "« {field} » de {model} n’est pas un champ many2many ; seuls ceux-là deviennent des tables de liens.",
  "A stream can not run after itself; let it run again and again instead.":
    "Un flux ne peut pas se suivre lui-même ; faites-le plutôt s’exécuter régulièrement.",
  "All fields that are read of {model} are stored and need no refresh; leave out the refresh, or choose computed fields or lists of lines.":
    "Tous les champs lus de {model} sont stockés et n’ont pas besoin d’être relus ; omettez la relecture, ou choisissez des champs calculés ou des listes de lignes.",
  "An overlap of '{text}' is too long; give a week or less, or add an additional full sync.":
    "Un chevauchement de « {text} » est trop long ; donnez une semaine ou moins, ou ajoutez une synchronisation complète.",
  "Somebody changed this connection meanwhile; load it again and repeat your change.":
    "Quelqu’un a modifié cette connexion entre-temps ; rechargez-la et refaites votre modification.",
  "Odoo sent records of {model} twice or in another order than by id, so that some would be lost; look for an add-on that changes how this model is searched, or a proxy that repeats old answers.":
    "Odoo a envoyé des enregistrements de {model} deux fois ou dans un autre ordre que celui des identifiants, si bien que certains seraient perdus ; cherchez un module qui modifie la recherche de ce modèle, ou un serveur mandataire qui répète d’anciennes réponses.",
  "Odoo sent records of {model} in another order than by id, so they can not be compared.":
    "Odoo a envoyé des enregistrements de {model} dans un autre ordre que celui des identifiants ; ils ne peuvent pas être comparés.",
  "Odoo sent a record without its id; the page can not be used.":
    "Odoo a envoyé un enregistrement sans identifiant ; la page est inutilisable.",
  "Odoo shows several records under one id here; the last of each is in the table.":
    "Odoo montre ici plusieurs enregistrements sous un même identifiant ; le dernier de chacun est dans la table.",
  "The name {part} is kept for what belongs to the table {owner}; choose another table, folder or prefix.":
    "Le nom {part} est réservé à ce qui appartient à la table {owner} ; choisissez une autre table, un autre dossier ou un autre préfixe.",
  "At {path} lies a table that may hold rows of another connection; choose another table, folder or prefix, or ask an administrator of Towpath.":
    "À l’emplacement {path} se trouve une table qui peut contenir des lignes d’une autre connexion ; choisissez une autre table, un autre dossier ou un autre préfixe, ou adressez-vous à un administrateur de Towpath.",
  "The stored key is not sent to another server than the one it was given for; enter the key once more.":
    "La clé enregistrée n’est pas envoyée à un autre serveur que celui pour lequel elle a été donnée ; saisissez-la encore une fois.",
  "The key is empty; nothing was changed.":
    "La clé est vide ; rien n’a été changé.",
  "{names} failed when last run: {message}":
    "{names} : dernière exécution échouée : {message}",
};

export default said;
