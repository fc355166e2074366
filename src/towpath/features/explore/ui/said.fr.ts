import type { Messages } from "@ui/i18n/messages";

/** What the server says on these pages, by its own sentence. */
const said: Messages = {
  "The answer is not kept any more; run the query again.":
    "La réponse n’est plus conservée ; relancez la requête.",
  "A thousand rows of this answer are larger than 256 MB; ask for fewer columns, or shorter texts.":
    "Mille lignes de cette réponse dépassent 256 Mo ; demandez moins de colonnes, ou des textes plus courts.",
  "The query has no rows: it is {state}. Ask for the run to see more.":
    "La requête n’a pas de lignes : elle est {state}. Demandez l’exécution pour en voir plus.",
  "AT takes (version => 12) or (timestamp => '2026-11-01 08:00'), nothing to be computed.":
    "AT prend (version => 12) ou (timestamp => '2026-11-01 08:00'), rien à calculer.",
  "The run {run} has no state of the table {name}; ask for its tables only.":
    "L’exécution {run} n’a pas d’état de la table {name} ; ne demandez que ses tables.",
  "{text} is no time; write it like 2026-11-01T08:00 (UTC).":
    "{text} n’est pas une heure ; écrivez-la comme 2026-11-01T08:00 (UTC).",
  "A table without a column id has no history, since nothing tells its rows apart.":
    "Une table sans colonne id n’a pas d’historique, car rien ne distingue ses lignes.",
  "The SQL gives no rows; write a SELECT.":
    "Le SQL ne donne aucune ligne ; écrivez un SELECT.",
  "The query took longer than {seconds} seconds and was stopped; ask for less or give it more time with --timeout.":
    "La requête a duré plus de {seconds} secondes et a été arrêtée ; demandez moins.",
  "The query needs more than {memory_mb} MB of memory and was stopped; ask for less or raise TOWPATH_SQL_MEMORY_MB.":
    "La requête a besoin de plus de {memory_mb} Mo de mémoire et a été arrêtée ; demandez moins ou augmentez TOWPATH_SQL_MEMORY_MB.",
  "The SQL can not be run: {error}":
    "Le SQL ne peut pas être exécuté : {error}",
  "The SQL text is too long; 200,000 characters are the limit.":
    "Le texte SQL est trop long ; la limite est de 200 000 caractères.",
  "The SQL text is not valid UTF-8.":
    "Le texte SQL n’est pas de l’UTF-8 valide.",
  "The SQL is empty; write something like: select count(*) from account_move":
    "Le SQL est vide ; écrivez par exemple : select count(*) from account_move",
  "Only one SELECT at a time; leave out what follows the first semicolon.":
    "Un seul SELECT à la fois ; retirez ce qui suit le premier point-virgule.",
  "The function {name}() is not possible here; read from the tables of the catalog.":
    "La fonction {name}() n’est pas possible ici ; lisez les tables du catalogue.",
  "Tables can not be changed by SQL here ({partition}); only SELECT is possible.":
    "Le SQL ne peut pas modifier les tables ici ({partition}) ; seul SELECT est possible.",
  "A query can not read from this here: {replace}.":
    "Une requête ne peut pas lire ceci ici : {replace}.",
  "{text} can not be read here; information_schema has tables, columns and schemata.":
    "{text} ne peut pas être lu ici ; information_schema a tables, columns et schemata.",
  "A sample of an earlier state is not possible; take it of a subquery.":
    "Un échantillon d’un état passé n’est pas possible ; prenez-le d’une sous-requête.",
  "The SQL is nested too deeply; write it in simpler steps.":
    "Le SQL est trop imbriqué ; écrivez-le en étapes plus simples.",
  "The SQL can not be read: {error}":
    "Le SQL est illisible : {error}",
  "The query met something Towpath did not expect; the server's log has more.":
    "La requête a rencontré un imprévu ; le journal du serveur en dit plus.",
  "The answer can not be kept ({message}); make room on the disk.":
    "La réponse ne peut pas être conservée ({message}) ; faites de la place sur le disque.",
  "The process for queries does not start; see the server's log.":
    "Le processus des requêtes ne démarre pas ; voyez le journal du serveur.",
  "The query took longer than {seconds} seconds and was stopped; ask for less.":
    "La requête a duré plus de {seconds} secondes et a été arrêtée ; demandez moins.",
  "The query was stopped.":
    "La requête a été arrêtée.",
  "Several tables bear the name {text}; write one of: {places}.":
    "Plusieurs tables portent le nom {text} ; écrivez l’une de celles-ci : {places}.",
  "Choose an older version and a newer one to compare.":
    "Choisissez une version plus ancienne et une plus récente à comparer.",
  "The rows of this table have no id by which they could be compared.":
    "Les lignes de cette table n’ont pas d’id qui permette de les comparer.",
  "The ids of these versions have different types; choose newer ones.":
    "Les ids de ces versions sont de types différents ; choisissez-en de plus récentes.",
  "There is no ready query {name}; {hint}":
    "Il n’y a pas de requête prête {name} ; {hint}",
  "In this Odoo a payment's date and state stand on its entry; add a stream of account.move and run it.":
    "Dans cet Odoo, la date et l’état d’un paiement sont sur sa pièce ; ajoutez un flux de account.move et lancez-le.",
  "There are no tables of a connection {connection}; {else}.":
    "Il n’y a pas de tables d’une connexion {connection} ; {else}.",
  "The dialect {dialect} is not known; take one of {dialects}.":
    "Le dialecte {dialect} n’est pas connu ; prenez l’un de ceux-ci : {dialects}.",
  "{name} is there in Towpath alone; other engines know no history of rows.":
    "{name} n’existe que dans Towpath ; les autres moteurs ne connaissent pas l’historique des lignes.",
  "Several connections have a table {table}; say whose is meant: --connection {whose}.":
    "Plusieurs connexions ont une table {table} ; choisissez-en une dans l’en-tête.",
  "The SQL can not be translated: {error}":
    "Le SQL ne peut pas être traduit : {error}",
  "You may not read the rows of {path}; that takes the role Analyst{of}. Ask an administrator of Towpath.":
    "Vous ne pouvez pas lire les lignes de {path} ; il faut le rôle Analyste{of}. Demandez à un administrateur de Towpath.",
  "{waiting} queries of yours are waiting already; let some end, or stop them.":
    "{waiting} de vos requêtes attendent déjà ; laissez-en finir, ou arrêtez-les.",
  "Too many queries are waiting at the moment; try again in a few seconds.":
    "Trop de requêtes attendent en ce moment ; réessayez dans quelques secondes.",
  "Nobody came to work on this query; try again.":
    "Personne n’est venu travailler à cette requête ; réessayez.",
  "The query met something Towpath did not expect.":
    "La requête a rencontré un imprévu.",
  "The rows are being sorted still; ask again in a moment.":
    "Les lignes sont encore en cours de tri ; redemandez dans un instant.",
  "There is no comparison {operator}; take one of {operators}.":
    "Il n’y a pas de comparaison {operator} ; prenez l’une de celles-ci : {operators}.",
  "The table has no column {name}; load its columns again.":
    "La table n’a pas de colonne {name} ; rechargez ses colonnes.",
  "Choose 1 to 1,000 values for {column}.":
    "Choisissez de 1 à 1 000 valeurs pour {column}.",
  "Only its owner may change this query; save a copy of your own.":
    "Seul son propriétaire peut modifier cette requête ; enregistrez-en une copie à vous.",
  "Only its owner or an administrator may remove this query.":
    "Seul son propriétaire ou un administrateur peut retirer cette requête.",
  "Share a query with groups you are in; the list of your groups has their ids.":
    "Partagez une requête avec des groupes dont vous êtes ; la liste de vos groupes donne leurs ids.",
  "The description is longer than 2,000 characters; shorten it.":
    "La description dépasse 2 000 caractères ; raccourcissez-la.",
  "A chart has a type ({charts}), a column x and 1 to 12 columns y.":
    "Un graphique a un type ({charts}), une colonne x et de 1 à 12 colonnes y.",
  "There are {most} saved queries of yours already; remove some first.":
    "Vous avez déjà {most} requêtes enregistrées ; retirez-en d’abord.",
  "The query was changed meanwhile; load it again and repeat your change.":
    "La requête a été modifiée entre-temps ; rechargez-la et refaites votre modification.",
  "Give the query a title of 1 to {longest_title} characters.":
    "Donnez à la requête un titre de 1 à {longest_title} caractères.",
  "The SQL text is too long to be saved; 100,000 characters are the limit.":
    "Le texte SQL est trop long pour être enregistré ; la limite est de 100 000 caractères.",
  "A query is shared with `everybody` or with groups, written `group:<id>`.":
    "Une requête se partage avec `everybody` ou avec des groupes, écrits `group:<id>`.",
  "Files of the table are missing; bring it again: towpath sync run --full":
    "Des fichiers de la table manquent ; relisez-la entièrement.",
  "The text must not have a NUL character in it; leave it out.":
    "Le texte ne doit pas contenir de caractère NUL ; retirez-le.",
  "This is a query, not an export; ask for it under /queries/runs.":
    "C’est une requête, pas un export ; demandez-la sous /queries/runs.",
  "Name one thing to export: table, sql or answer.":
    "Nommez une seule chose à exporter : table, sql ou answer.",
  "There is no file: the export is {state}. Ask for the export to see more.":
    "Il n’y a pas de fichier : l’export est {state}. Demandez l’export pour en voir plus.",
  "That query has no answer to export; run it again.":
    "Cette requête n’a pas de réponse à exporter ; relancez-la.",
  "{file} is a folder; name the file to write in it.":
    "{file} est un dossier ; nommez le fichier à y écrire.",
  "There is no folder {parent}; make it first.":
    "Il n’y a pas de dossier {parent} ; créez-le d’abord.",
  "The file can not be written: it is larger than TOWPATH_ANSWERS_MB allows, or the server's disk is full; export less, or ask an administrator for room.":
    "Le fichier ne peut pas être écrit : il dépasse ce que permet TOWPATH_ANSWERS_MB, ou le disque du serveur est plein ; exportez moins, ou demandez de la place à un administrateur.",
  "Parquet has no type for the column {name}; cast it to varchar.":
    "Parquet n’a pas de type pour la colonne {name} ; convertissez-la en varchar.",
  "The file {file} can not be written ({error}); choose another place or make room.":
    "Le fichier {file} ne peut pas être écrit ({error}) ; choisissez un autre endroit ou faites de la place.",
  "Insurance quotations by kind of customer":
    "Devis d’assurance par genre de client",
  "Segments by type of proponent, state and renewal, with premium and insured sum.":
    "Segments par type de proposant, État et renouvellement, avec prime et somme assurée.",
  "Insurance quotations by status and month of creation":
    "Devis d’assurance par état et mois de création",
  "Creation, conversion and status progression of mut.insurance.quotation; the share is within the month.":
    "Création, conversion et progression de mut.insurance.quotation ; la part est celle du mois.",
  "Insurance quotations over time":
    "Devis d’assurance dans le temps",
  "Volume by month with the change to the month before and the average premium.":
    "Volume par mois, variation par rapport au mois précédent et prime moyenne.",
  "Invoiced, credited and collected by month":
    "Facturé, crédité et encaissé par mois",
  "A financial report in company currency: posted customer invoices and credit notes, and what of them is paid.":
    "Un rapport financier en monnaie de la société : factures et avoirs clients comptabilisés, et ce qui en est payé.",
  "What customers still owe, by age":
    "Ce que les clients doivent encore, par âge",
  "Open customer invoices and credit notes in company currency, by days overdue.":
    "Factures et avoirs clients ouverts en monnaie de la société, par jours de retard.",
  "Payment methods: how often, how much, how large on average":
    "Moyens de paiement : combien de fois, combien, et en moyenne",
  "Methods and patterns by journal and direction; the last column is the share of all payments of that direction.":
    "Moyens et habitudes par journal et sens ; la dernière colonne est la part de tous les paiements de ce sens.",
  "Money in and out by month and currency":
    "Entrées et sorties d’argent par mois et devise",
  "Cash flow: customer receipts, supplier payments and what is left of them, draft and cancelled payments left out.":
    "Trésorerie : encaissements clients, paiements fournisseurs et solde, sans brouillons ni annulés.",
  "Who pays most, and when last":
    "Qui paie le plus, et quand pour la dernière fois",
  "The fifty customers with the largest receipts, by currency.":
    "Les cinquante clients aux plus grands encaissements, par devise.",
  "Payments matched with invoices and with the bank, and those still open":
    "Paiements rapprochés des factures et de la banque, et ceux encore ouverts",
  "Reconciliation status by journal and state; is_reconciled is about invoices, is_matched about the bank statement.":
    "Rapprochement par journal et état ; is_reconciled concerne les factures, is_matched le relevé bancaire.",
  "How many sales quotations became orders, by month":
    "Combien de devis sont devenus des commandes, par mois",
  "Creation and conversion of sale orders; the rate counts orders among all quotations made in the month.":
    "Création et conversion des devis ; le taux compte les commandes parmi tous les devis du mois.",
  "Several saved queries are called {name}; name one by its id.":
    "Plusieurs requêtes enregistrées s’appellent {name} ; nommez-en une par son id.",
  "There is no saved query {name}; the list of saved queries has those there are.":
    "Il n’y a pas de requête enregistrée {name} ; la liste des requêtes enregistrées les donne toutes.",
  "Only one SELECT is possible here, nothing that changes or sets anything; a PIVOT needs its values: select * from t pivot (sum(x) for state in ('draft', 'posted')).":
    "Seul un SELECT est possible ici, rien qui modifie ou règle quoi que ce soit ; un PIVOT demande ses valeurs : select * from t pivot (sum(x) for state in ('draft', 'posted')).",
  "The filter is a JSON list of at most 50 objects with column, operator and value.":
    "Le filtre est une liste JSON d’au plus 50 objets avec column, operator et value.",
  "There is no table {name}, nor any other yet; add a stream and run it: towpath stream add, towpath sync run.":
    "Il n’y a pas de table {name}, ni aucune autre encore ; ajoutez un flux et lancez-le.",
  "There is no table {name}; towpath catalog ls lists those there are.":
    "Il n’y a pas de table {name} ; le catalogue montre celles qui existent.",
};

export default said;
