import type { Messages } from "@ui/i18n/messages";

/** What the server says on these pages, by its own sentence. */
const said: Messages = {
  "There is no such connection, or you may not see it; see the list of sources.":
    "Cette connexion n’existe pas, ou vous ne pouvez pas la voir ; voyez la liste des sources.",
  "Nobody works on what is due; start `towpath up` or one more `towpath worker`.":
    "Personne ne travaille à ce qui est dû ; lancez `towpath up` ou un `towpath worker` de plus.",
  "The run failed; see its log.":
    "L’exécution a échoué ; voyez son journal.",
  "The connection can not be used; test it.":
    "La connexion ne peut pas servir ; testez-la.",
  "{whose} ended on {day}; set a new one.":
    "{whose} a expiré le {day} ; mettez-en une nouvelle.",
  "{whose} ends on {day}; set a new one.":
    "{whose} expire le {day} ; mettez-en une nouvelle.",
  "The key of '{name}'":
    "La clé de « {name} »",
  "The secret of {owner}":
    "Le secret de {owner}",
  "Folder for everything Towpath keeps: the embedded PostgreSQL, the master key, the lake. Without it a folder `.towpath` of yours in the current directory is used where there is one.":
    "Dossier de tout ce que Towpath conserve : le PostgreSQL intégré, la clé maîtresse, le lac. À défaut, un dossier `.towpath` à vous dans le dossier courant est utilisé s’il existe.",
  "PostgreSQL 14 or newer to use in place of the embedded one, as `postgresql://user:password@host:5432/database`. Several machines share their work through it.":
    "PostgreSQL 14 ou plus récent à la place de celui intégré, écrit `postgresql://user:password@host:5432/database`. Plusieurs machines s’y partagent leur travail.",
  "Connections to PostgreSQL that one process keeps open.":
    "Connexions à PostgreSQL qu’un processus garde ouvertes.",
  "Root of the lake: a folder, or `s3://`, `abfss://`, `gs://` with a prefix. Without it the tables lie in `lake` under the home folder.":
    "Racine du lac : un dossier, ou `s3://`, `abfss://`, `gs://` avec un préfixe. À défaut, les tables sont dans `lake` sous le dossier de Towpath.",
  "Keys for the object store as JSON, with the names of the `deltalake` package, such as `{\"AWS_REGION\": \"eu-west-1\"}`.":
    "Clés du stockage d’objets en JSON, avec les noms du paquet `deltalake`, comme `{\"AWS_REGION\": \"eu-west-1\"}`.",
  "File with the key that seals all secrets (mode 0600). Without it `master.key` under the home folder is made at the first start.":
    "Fichier de la clé qui scelle tous les secrets (mode 0600). À défaut, `master.key` sous le dossier de Towpath est créé au premier démarrage.",
  "The master key itself, 32 bytes in base64; used in place of the file. During a rotation: the new key, a comma, the old key.":
    "La clé maîtresse elle-même, 32 octets en base64, à la place du fichier. Pendant un remplacement : la nouvelle clé, une virgule, l’ancienne.",
  "Command whose output is the master key, for key stores; used in place of the file.":
    "Commande dont la sortie est la clé maîtresse, pour les coffres de clés ; à la place du fichier.",
  "Least level of what is written to the log (standard error).":
    "Niveau minimal de ce qui est écrit dans le journal (sortie d’erreur).",
  "Form of the log: `auto` is console on a terminal and JSON lines elsewhere.":
    "Forme du journal : `auto` est « console » dans un terminal et des lignes JSON ailleurs.",
  "Seconds to wait for one answer of Odoo.":
    "Secondes d’attente d’une réponse d’Odoo.",
  "Calls to one Odoo database at the same time. Without it: 1 on `*.odoo.com`, elsewhere as many as make it faster, up to 4.":
    "Appels simultanés à une base Odoo. À défaut : 1 sur `*.odoo.com`, ailleurs autant que cela accélère, jusqu’à 4.",
  "Calls per second to one Odoo database. Without it: 1 on `*.odoo.com`, no limit elsewhere.":
    "Appels par seconde à une base Odoo. À défaut : 1 sur `*.odoo.com`, sans limite ailleurs.",
  "How often a call that may be repeated is tried before a run ends as failed.":
    "Combien de fois un appel répétable est essayé avant que l’exécution échoue.",
  "Seconds after which a call that keeps failing is not tried again.":
    "Secondes après lesquelles un appel qui échoue toujours n’est plus essayé.",
  "Most records to ask Odoo for in one call; slow pages become smaller.":
    "Enregistrements demandés à Odoo en un appel, au plus ; les pages lentes deviennent plus petites.",
  "A full read of more than twice as many records is cut into ranges of so many, which all workers read side by side.":
    "Une lecture complète de plus du double de ce nombre est coupée en tranches de cette taille, que tous les processus lisent côte à côte.",
  "Ranges of one connection that are read at the same time over all workers; 1 on `*.odoo.com` whatever is set.":
    "Tranches d’une connexion lues en même temps par tous les processus ; 1 sur `*.odoo.com` quoi qu’on règle.",
  "Seconds before the cursor that an incremental run reads again, to catch records that a long transaction wrote late; less than 90 is safe only where Odoo's clock never steps back.":
    "Secondes avant le curseur qu’une exécution incrémentale relit, pour attraper ce qu’une longue transaction a écrit tard ; moins de 90 n’est sûr que si l’horloge d’Odoo ne recule jamais.",
  "Rows that a run which read something compares with Odoo's, by id and write_date, to prove that the table is complete; larger tables are proved in turns. 0 leaves it at counts.":
    "Lignes qu’une exécution qui a lu quelque chose compare à celles d’Odoo, par id et write_date, pour prouver que la table est complète ; les grandes tables sont prouvées à tour de rôle. 0 s’en tient aux nombres.",
  "Memory in megabytes that one SQL query may use.":
    "Mémoire en mégaoctets qu’une requête SQL peut utiliser.",
  "Seconds after which an SQL query is stopped.":
    "Secondes après lesquelles une requête SQL est arrêtée.",
  "Most rows that an SQL query returns unless told otherwise.":
    "Lignes qu’une requête SQL rend au plus, sauf demande contraire.",
  "SQL queries and exports that the server works on at the same time, each in a process of its own; the others wait.":
    "Requêtes SQL et exports que le serveur traite en même temps, chacun dans son processus ; les autres attendent.",
  "How many of them may be one person's at the same time.":
    "Combien d’entre eux peuvent être d’une même personne en même temps.",
  "Most queries and exports that wait; further ones are refused until there is room.":
    "Requêtes et exports qui attendent au plus ; les suivants sont refusés jusqu’à ce qu’il y ait de la place.",
  "Megabytes under the home folder for answers to queries and exported files, which are kept for a quarter of an hour, the oldest being removed first.":
    "Mégaoctets sous le dossier de Towpath pour les réponses et les fichiers exportés, gardés un quart d’heure, les plus anciens étant retirés d’abord.",
  "Seconds after which an export asked for in the workspace is stopped.":
    "Secondes après lesquelles un export demandé dans l’espace de travail est arrêté.",
  "Jobs that one process works on at the same time.":
    "Travaux qu’un processus mène en même temps.",
  "Days for which ended jobs, and runs that found nothing new, stay on record; other runs and the audit stay.":
    "Jours pendant lesquels les travaux finis, et les exécutions sans nouveauté, restent enregistrés ; les autres exécutions et le journal restent.",
  "Days for which rows of the audit are kept; older ones are removed behind a signed checkpoint. Without it they stay for ever.":
    "Jours pendant lesquels les lignes du journal sont gardées ; les plus anciennes sont retirées derrière un point de contrôle signé. À défaut, elles restent toujours.",
  "Rows of the audit after which its newest row is signed.":
    "Lignes du journal après lesquelles la dernière est signée.",
  "Hours after which the newest row of the audit is signed, where there is one.":
    "Heures après lesquelles la dernière ligne du journal est signée, s’il y en a une.",
  "Hours after which a worker joins the small files of a table again and removes what is older than its retention.":
    "Heures après lesquelles un processus réunit les petits fichiers d’une table et retire ce qui dépasse sa conservation.",
  "Seconds without a sign of life after which the work of a process on another machine is taken over.":
    "Secondes sans signe de vie après lesquelles le travail d’un processus d’une autre machine est repris.",
  "Address under which people reach the workspace, such as `https://towpath.example.com`; for links, sign-in at other services, and whether cookies are for TLS only. Without it: the address `towpath up` listens at.":
    "Adresse à laquelle on atteint l’espace de travail, comme `https://towpath.example.com` ; pour les liens, la connexion par d’autres services, et les cookies réservés à TLS. À défaut : l’adresse où `towpath up` écoute.",
  "Further host names the server answers to, as JSON; this machine's own and the public address always are.":
    "Autres noms d’hôte auxquels le serveur répond, en JSON ; ceux de cette machine et l’adresse publique en font toujours partie.",
  "How many reverse proxies of yours stand before the server; as many entries of `X-Forwarded-For` are believed.":
    "Combien de vos mandataires inverses sont devant le serveur ; autant d’entrées de `X-Forwarded-For` sont crues.",
  "Whether addresses that people type in the workspace may lead to private networks and this machine. The command line may always.":
    "Si les adresses tapées dans l’espace de travail peuvent mener à des réseaux privés et à cette machine. La ligne de commande le peut toujours.",
  "Hours without a request after which a person has to sign in again.":
    "Heures sans requête après lesquelles il faut se reconnecter.",
  "Days after which a person has to sign in again in any case.":
    "Jours après lesquels il faut se reconnecter dans tous les cas.",
  "Most bytes of one request to the server.":
    "Octets d’une requête au serveur, au plus.",
  "Requests a minute that one address may send to the API; 0 is no limit.":
    "Requêtes par minute qu’une adresse peut envoyer à l’API ; 0 est sans limite.",
  "Seconds a client may take for the headers of a request, for its body (one more for every 10 kB), and without taking any of the answer; 0 is no limit.":
    "Secondes qu’un client peut mettre pour les en-têtes d’une requête, pour son corps (une de plus par 10 ko), et sans rien prendre de la réponse ; 0 est sans limite.",
  "Connections that clients may hold open at the same time; without a reverse proxy one address may hold half of them.":
    "Connexions que les clients peuvent tenir ouvertes en même temps ; sans mandataire inverse une adresse peut en tenir la moitié.",
};

export default said;
