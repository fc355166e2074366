import type { Messages } from "@ui/i18n/messages";

/** What the server says on any page, and of an Odoo that it asked, by its own sentence. */
const said: Messages = {
  "You may not {summary} here; that takes the role {roles}. Ask an administrator of Towpath.":
    "Vous ne pouvez pas {summary} ici ; il faut le rôle {roles}. Demandez à un administrateur de Towpath.",
  "You are not signed in; sign in, or send a token of yours as `Authorization: Bearer ...`.":
    "Vous n’êtes pas connecté ; connectez-vous, ou envoyez un de vos jetons : `Authorization: Bearer ...`.",
  "Send the ETag you read as `If-Match`, so that nobody's change is overwritten unseen.":
    "Envoyez l’ETag lu comme `If-Match`, pour que rien ne soit écrasé sans être vu.",
  "Somebody changed this meanwhile; load it again and repeat your change.":
    "Quelqu’un a modifié ceci entre-temps ; rechargez et refaites votre modification.",
  "The cursor is not one of a page before; leave it out to begin anew.":
    "Le curseur n’est pas celui d’une page précédente ; omettez-le pour recommencer.",
  "The address holds a user name or password; give those in their own fields.":
    "L’adresse contient un identifiant ou un mot de passe ; donnez-les dans leurs propres champs.",
  "The port in the address is not a number from 1 to 65535.":
    "Le port de l’adresse n’est pas un nombre de 1 à 65535.",
  "No address was given; type the one you open Odoo with, such as mycompany.odoo.com.":
    "Aucune adresse n’a été donnée ; tapez celle par laquelle vous ouvrez Odoo, comme mycompany.odoo.com.",
  "The address is too long; type only the part up to the first single slash.":
    "L’adresse est trop longue ; tapez seulement ce qui précède la première barre oblique simple.",
  "“{strip}” is not an address; type one such as mycompany.odoo.com.":
    "« {strip} » n’est pas une adresse ; tapez-en une comme mycompany.odoo.com.",
  "The address can not be read; check its brackets and the port.":
    "L’adresse est illisible ; vérifiez ses crochets et le port.",
  "An address of Odoo begins with https:// or http://, not with {scheme}://.":
    "Une adresse d’Odoo commence par https:// ou http://, pas par {scheme}://.",
  "“{strip}” is not an address; check the spelling.":
    "« {strip} » n’est pas une adresse ; vérifiez l’orthographe.",
  "“{name}” is not the name of a server; check the spelling.":
    "« {name} » n’est pas le nom d’un serveur ; vérifiez l’orthographe.",
  "{host} needs the name of the database; give it (the server does not list them).":
    "{host} demande le nom de la base de données ; donnez-le (le serveur ne les énumère pas).",
  "{host} has several databases; name one of {databases}.":
    "{host} a plusieurs bases de données ; nommez-en une : {databases}.",
  "{host} has no database yet; create one in Odoo first.":
    "{host} n’a encore aucune base de données ; créez-en une dans Odoo d’abord.",
  "{host} has no database “{named}”; it has {databases}.":
    "{host} n’a pas de base de données « {named} » ; il y a {databases}.",
  "{host} has no database “{named}”; did you mean “{near}”?":
    "{host} n’a pas de base de données « {named} » ; vouliez-vous dire « {near} » ?",
  "The server did not say which Odoo it is; check the address.":
    "Le serveur n’a pas dit quel Odoo il est ; vérifiez l’adresse.",
  "Towpath does not connect to {host}: {reason}; give the public address of the Odoo server.":
    "Towpath ne se connecte pas à {host} : {reason} ; donnez l’adresse publique du serveur Odoo.",
  "{host} redirects in a circle; check its web server.":
    "{host} redirige en rond ; vérifiez son serveur web.",
  "{netloc} leads on to {target}; type that address if it is your Odoo.":
    "{netloc} mène à {target} ; tapez cette adresse si c’est votre Odoo.",
  "odoo.com knows no database “{label}”; check the first part of the address.":
    "odoo.com ne connaît pas de base « {label} » ; vérifiez la première partie de l’adresse.",
  "{host} is not an Odoo: it answers with {what}; check the address.":
    "{host} n’est pas un Odoo : il répond par {what} ; vérifiez l’adresse.",
  "{host} shows a web page of Odoo but answers no API call; something in front of it blocks /jsonrpc, /xmlrpc and /web/version.":
    "{host} montre une page web d’Odoo mais ne répond à aucun appel d’API ; quelque chose devant lui bloque /jsonrpc, /xmlrpc et /web/version.",
  "{host} closed the connection before the whole answer had come{repeatable}":
    "{host} a fermé la connexion avant la fin de la réponse{repeatable}",
  "No secure connection to {host} could be agreed on ({or}).":
    "Aucune connexion sûre à {host} n’a pu être établie ({or}).",
  "{host} did not accept a connection in time; check the address, the port and the firewall.":
    "{host} n’a pas accepté de connexion à temps ; vérifiez l’adresse, le port et le pare-feu.",
  "All connections to {host} are busy; try again.":
    "Toutes les connexions à {host} sont occupées ; réessayez.",
  "{host} gave no whole answer within {seconds} seconds{repeatable}":
    "{host} n’a pas répondu entièrement en {seconds} secondes{repeatable}",
  "The answer of {host} is damaged: its compression can not be undone.":
    "La réponse de {host} est abîmée : sa compression ne peut être défaite.",
  "{host} does not speak HTTP here; check the address and the port.":
    "{host} ne parle pas HTTP ici ; vérifiez l’adresse et le port.",
  "{host} does not speak TLS: it is plain http on this port; type http:// in front of the address.":
    "{host} ne parle pas TLS : c’est du http simple sur ce port ; tapez http:// devant l’adresse.",
  "{host} closed the connection during the TLS handshake; try again.":
    "{host} a fermé la connexion pendant la négociation TLS ; réessayez.",
  "{host} says that too many calls were made; Towpath waits before the next one.":
    "{host} dit que trop d’appels ont été faits ; Towpath attend avant le suivant.",
  "{host} is busy, restarting or too slow (HTTP {status}); try again in a while.":
    "{host} est occupé, redémarre ou est trop lent (HTTP {status}) ; réessayez dans un moment.",
  "{host} has moved to {target}; put that address into the connection.":
    "{host} a déménagé vers {target} ; mettez cette adresse dans la connexion.",
  "{host} asks for a sign-in before Odoo is reached; let {label} calls through there.":
    "{host} demande une connexion avant qu’Odoo soit atteint ; laissez-y passer les appels {label}.",
  "Something in front of Odoo at {host} refuses {label} calls (HTTP 403); allow them there.":
    "Quelque chose devant l’Odoo de {host} refuse les appels {label} (HTTP 403) ; autorisez-les là-bas.",
  "{host} knows no JSON-2 or not {named}; check the database name, and that Odoo is 19.0 or later.":
    "{host} ne connaît pas JSON-2 ou pas {named} ; vérifiez le nom de la base, et qu’Odoo est 19.0 ou plus récent.",
  "{host} offers no {label} (HTTP {status}); Odoo 22 and later have JSON-2 only, which needs an API key.":
    "{host} n’offre pas {label} (HTTP {status}) ; Odoo 22 et suivants n’ont que JSON-2, qui demande une clé d’API.",
  "{host} takes no request of this size; send fewer records at once.":
    "{host} n’accepte pas de requête de cette taille ; envoyez moins d’enregistrements à la fois.",
  "Odoo at {host} failed without saying why (HTTP 500).":
    "L’Odoo de {host} a échoué sans dire pourquoi (HTTP 500).",
  "{host} answered a {label} call with {reply} (HTTP {status}); check the address.":
    "{host} a répondu à un appel {label} par {reply} (HTTP {status}) ; vérifiez l’adresse.",
  "Odoo refused the API key or password of {login}: check both, or create a new API key.{plan}":
    "Odoo a refusé la clé d’API ou le mot de passe de {login} : vérifiez les deux, ou créez une nouvelle clé d’API.{plan}",
  "Two-factor authentication is on for {login}, so its password does not work here; create an API key in Odoo (Preferences, Account Security) and give that.":
    "La double authentification est active pour {login}, son mot de passe ne marche donc pas ici ; créez une clé d’API dans Odoo (Préférences, Sécurité du compte) et donnez-la.",
  "The password is right, but this subscription has no external API; it comes with Odoo's Custom plan (Odoo.sh and own servers have it always).":
    "Le mot de passe est juste, mais cet abonnement n’a pas d’API externe ; elle vient avec l’offre Custom d’Odoo (Odoo.sh et les serveurs propres l’ont toujours).",
  "The password is right, but this Odoo takes only API keys from outside; create one in Odoo (Preferences, Account Security) and give that.":
    "Le mot de passe est juste, mais cet Odoo n’accepte de l’extérieur que des clés d’API ; créez-en une dans Odoo (Préférences, Sécurité du compte) et donnez-la.",
  "Odoo refused the API key: it is wrong, revoked or expired; create a new one in Odoo (Preferences, Account Security) and store it.":
    "Odoo a refusé la clé d’API : elle est fausse, révoquée ou expirée ; créez-en une dans Odoo (Préférences, Sécurité du compte) et enregistrez-la.",
  "Odoo failed at {what}: {or}":
    "Odoo a échoué : {what} : {or}",
  "Odoo refused the key or password; make a new API key and store it.":
    "Odoo a refusé la clé ou le mot de passe ; créez une nouvelle clé d’API et enregistrez-la.",
  "The Odoo user of this key does not exist any more; make a key for another user.":
    "L’utilisateur Odoo de cette clé n’existe plus ; créez une clé pour un autre utilisateur.",
  "This Odoo subscription has no external API; it comes with Odoo's Custom plan (Odoo.sh and own servers have it always).":
    "Cet abonnement Odoo n’a pas d’API externe ; elle vient avec l’offre Custom d’Odoo (Odoo.sh et les serveurs propres l’ont toujours).",
  "The method {method} of {model} can not be called from outside.":
    "La méthode {method} de {model} ne peut pas être appelée de l’extérieur.",
  "The Odoo user may not use one of the companies asked for; choose companies it is allowed.":
    "L’utilisateur Odoo n’a pas droit à l’une des sociétés demandées ; choisissez des sociétés qui lui sont ouvertes.",
  "There is no database {named}on this server; name one that exists.":
    "Il n’y a pas de base de données {named}sur ce serveur ; nommez-en une qui existe.",
  "Odoo's database was busy with the same records; the call can be repeated.":
    "La base d’Odoo était occupée par les mêmes enregistrements ; l’appel peut être répété.",
  "Odoo ran out of memory or time for one call; ask for fewer records at once.":
    "Odoo a manqué de mémoire ou de temps pour un appel ; demandez moins d’enregistrements à la fois.",
  "A record of {model} does not exist any more, or the user may not read it.":
    "Un enregistrement de {model} n’existe plus, ou l’utilisateur ne peut pas le lire.",
  "This Odoo has no model {model}; check the name, or install the app that brings it.":
    "Cet Odoo n’a pas de modèle {model} ; vérifiez le nom, ou installez l’application qui l’apporte.",
  "The model {model} of this Odoo has no method {method}.":
    "Le modèle {model} de cet Odoo n’a pas de méthode {method}.",
  "The model {model} of this Odoo has no usable field “{name}”; check the name.":
    "Le modèle {model} de cet Odoo n’a pas de champ utilisable « {name} » ; vérifiez le nom.",
  "The order is not valid for {model}; give field names with asc or desc.":
    "L’ordre n’est pas valide pour {model} ; donnez des noms de champs avec asc ou desc.",
  "This Odoo has no such language; install it there or choose another one.":
    "Cet Odoo n’a pas cette langue ; installez-la ou choisissez-en une autre.",
  "Odoo's database refused the record: a constraint does not hold.":
    "La base d’Odoo a refusé l’enregistrement : une contrainte n’est pas respectée.",
  "Odoo can not make sense of the filter on {model}: {chr}":
    "Odoo ne comprend pas le filtre sur {model} : {chr}",
  "Odoo does not know, or misses, the field “{message}” of {model}.":
    "Odoo ne connaît pas, ou n’a pas reçu, le champ « {message} » de {model}.",
  "Odoo refused a value: {first}":
    "Odoo a refusé une valeur : {first}",
  "The other side is not available at the moment; try again in a while.":
    "L’autre côté n’est pas disponible en ce moment ; réessayez dans un moment.",
  "The connection was lost before the whole answer arrived; try again.":
    "La connexion a été perdue avant la fin de la réponse ; réessayez.",
  "No answer arrived in time; try again.":
    "Aucune réponse n’est arrivée à temps ; réessayez.",
  "The server is busy or restarting; try again in a while.":
    "Le serveur est occupé ou redémarre ; réessayez dans un moment.",
  "Too many calls were made; wait before the next one.":
    "Trop d’appels ont été faits ; attendez avant le suivant.",
  "A setting is wrong; correct it and try again.":
    "Un réglage est faux ; corrigez-le et réessayez.",
  "The address does not lead to the service it should; check it.":
    "L’adresse ne mène pas au service voulu ; vérifiez-la.",
  "The database was not found; name one that exists.":
    "La base de données est introuvable ; nommez-en une qui existe.",
  "The key or password was refused; make a new API key and store it.":
    "La clé ou le mot de passe a été refusé ; créez une nouvelle clé d’API et enregistrez-la.",
  "What was given is not valid; correct it.":
    "Ce qui a été donné n’est pas valide ; corrigez-le.",
  "There is nothing of that name.":
    "Rien ne porte ce nom.",
  "Somebody else changed this meanwhile; load it again and repeat your change.":
    "Quelqu’un d’autre a modifié ceci entre-temps ; rechargez et refaites votre modification.",
  "You are not signed in; sign in and try again.":
    "Vous n’êtes pas connecté ; connectez-vous et réessayez.",
  "Somebody has to grant or change something in the other system.":
    "Quelqu’un doit accorder ou changer quelque chose dans l’autre système.",
  "The user lacks a right; ask an administrator of the database for it.":
    "Il manque un droit à l’utilisateur ; demandez-le à un administrateur de la base.",
  "You may not do this in Towpath; ask an administrator of Towpath.":
    "Vous ne pouvez pas faire cela dans Towpath ; demandez à un administrateur de Towpath.",
  "The subscription does not include the external API; it needs Odoo's Custom plan.":
    "L’abonnement ne comprend pas l’API externe ; il faut l’offre Custom d’Odoo.",
  "Two-factor authentication is on; create an API key and use it in place of the password.":
    "La double authentification est active ; créez une clé d’API et utilisez-la à la place du mot de passe.",
  "One record can not be handled; the others can.":
    "Un enregistrement ne peut pas être traité ; les autres le peuvent.",
  "The record does not exist any more, or may no longer be read.":
    "L’enregistrement n’existe plus, ou ne peut plus être lu.",
  "The record was refused by the other system.":
    "L’enregistrement a été refusé par l’autre système.",
  "Something is wrong that trying again will not mend.":
    "Quelque chose ne va pas que de nouveaux essais ne répareront pas.",
  "The answer was not what the protocol promises.":
    "La réponse n’est pas ce que promet le protocole.",
  "The call itself was wrong.":
    "L’appel lui-même était faux.",
  "Stored data can not be read.":
    "Des données enregistrées sont illisibles.",
  "Something went wrong in Towpath.":
    "Quelque chose s’est mal passé dans Towpath.",
  "{place} is not valid: {why}. Correct it and send the request again.":
    "{place} n’est pas valide : {why}. Corrigez-le et renvoyez la requête.",
  "There is nothing at this address; see /api/v1/openapi.json for what there is.":
    "Il n’y a rien à cette adresse ; voyez /api/v1/openapi.json pour ce qui existe.",
  "This address does not take that method; see /api/v1/openapi.json.":
    "Cette adresse ne prend pas cette méthode ; voyez /api/v1/openapi.json.",
  "A value holds what can not be stored, such as a NUL character; correct it and send the request again.":
    "Une valeur contient ce qui ne peut pas être enregistré, comme un caractère NUL ; corrigez-la et renvoyez la requête.",
  "Nothing answers at {host}; check the address and the port, and that Odoo runs.":
    "Rien ne répond à {host} ; vérifiez l’adresse et le port, et qu’Odoo tourne.",
  "The host {host} is not known; check the spelling of the address.":
    "L’hôte {host} n’est pas connu ; vérifiez l’orthographe de l’adresse.",
  "The name {host} could not be looked up; check the network and try again.":
    "Le nom {host} n’a pas pu être résolu ; vérifiez le réseau et réessayez.",
  "Your sign-in is not complete; enter the code of your authenticator.":
    "Votre connexion n’est pas complète ; entrez le code de votre application.",
  "Your sign-in is not complete; set up an authenticator first.":
    "Votre connexion n’est pas complète ; mettez d’abord en place une application de codes.",
  "{host} can not be reached from here; check the address and the network.":
    "{host} ne peut pas être atteint d’ici ; vérifiez l’adresse et le réseau.",
  "{host} has no database “{named}”; check its name (the server does not list them).":
    "{host} n’a pas de base de données « {named} » ; vérifiez son nom (le serveur ne les énumère pas).",
  ", so it is not known whether Odoo did what was asked; check before repeating it.":
    ", on ne sait donc pas si Odoo a fait ce qui était demandé ; vérifiez avant de répéter.",
  "The TLS certificate of {host} can not be trusted ({reason}).":
    "Le certificat TLS de {host} n’est pas digne de confiance ({reason}).",
  "The TLS certificate of {host} has expired; renew it on the Odoo server.":
    "Le certificat TLS de {host} a expiré ; renouvelez-le sur le serveur Odoo.",
  "The TLS certificate of {host} is for another name; use the name that stands in it.":
    "Le certificat TLS de {host} est pour un autre nom ; utilisez celui qui y figure.",
  "The TLS certificate of {host} is not valid yet; check the clocks of both machines.":
    "Le certificat TLS de {host} n’est pas encore valide ; vérifiez les horloges des deux machines.",
  "The TLS certificate of {host} is self-signed or from an authority that is not known here; install a public certificate or name your authority's file.":
    "Le certificat TLS de {host} est auto-signé ou d’une autorité inconnue ici ; installez un certificat public ou nommez le fichier de votre autorité.",
  "Odoo refused the API key; make a new one and store it (JSON-2 takes no passwords).":
    "Odoo a refusé la clé d’API ; créez-en une nouvelle et enregistrez-la (JSON-2 n’accepte pas de mot de passe).",
  "Odoo refused the key or password of {login}; make a new API key and store it.":
    "Odoo a refusé la clé ou le mot de passe de {login} ; créez une nouvelle clé d’API et enregistrez-la.",
  "Odoo did not say whose key this is; check the address.": "Odoo n’a pas dit à qui est cette clé ; vérifiez l’adresse.",
  "This Odoo needs the name of the database; give it.": "Cet Odoo demande le nom de la base ; donnez-le.",
  "This Odoo needs the user name that the API key belongs to; give the login.":
    "Cet Odoo demande l’utilisateur à qui est la clé d’API ; donnez l’identifiant.",
  "Odoo's answer is not whole JSON; something between here and there damaged it.":
    "La réponse d’Odoo n’est pas du JSON entier ; quelque chose l’a abîmée en chemin.",
  "{address} answered JSON that is not JSON-RPC; check the address.": "{address} a répondu en JSON qui n’est pas du JSON-RPC ; vérifiez l’adresse.",
  "{address} sent an answer of more than {most} MiB; ask for fewer rows.":
    "{address} a envoyé une réponse de plus de {most} Mio ; demandez moins de lignes.",
  "“{text}” is not an address; it begins with https:// and a host.": "« {text} » n’est pas une adresse ; elle commence par https:// et un hôte.",
  "The answer is not XML-RPC; check the address.": "La réponse n’est pas du XML-RPC ; vérifiez l’adresse.",
  "The XML-RPC answer is damaged; something on the way changed it.": "La réponse XML-RPC est abîmée ; quelque chose l’a changée en chemin.",
  "Odoo ran {model}.{method}, but XML-RPC can not carry its answer; connect over JSON-RPC.":
    "Odoo a exécuté {model}.{method}, mais XML-RPC ne peut pas porter sa réponse ; connectez-vous en JSON-RPC.",
  "Odoo answered {call} with something else than a list; over XML-RPC an empty value in a record does that, so connect over JSON-RPC.":
    "Odoo a répondu à {call} autre chose qu’une liste ; en XML-RPC une valeur vide d’un enregistrement le fait, connectez-vous donc en JSON-RPC.",
  "The work was stopped before the call was made; start it again to go on.": "Le travail a été arrêté avant l’appel ; relancez-le pour continuer.",
  "The connection was closed here.": "La connexion a été fermée ici.",
  "a term is (field, operator, value), for instance ('name', '=', 'Ghent')":
    "un terme est (champ, opérateur, valeur), par exemple ('name', '=', 'Ghent')",
  "A domain is a list of terms, not {text}; {hint}.": "Un domaine est une liste de termes, pas {text} ; {hint}.",
  "A domain is a list of terms in brackets, not {text}; {hint}.": "Un domaine est une liste de termes entre crochets, pas {text} ; {hint}.",
  "A domain is a list in brackets, but this text begins with {text}; {hint}.":
    "Un domaine est une liste entre crochets, mais ce texte commence par {text} ; {hint}.",
  "Item {number} of the domain, {text}, is neither a term nor '&', '|' or '!'; {hint}.":
    "L’élément {number} du domaine, {text}, n’est ni un terme ni '&', '|' ou '!' ; {hint}.",
  "{where} has {number} parts instead of three; {hint}.": "{where} a {number} parties au lieu de trois ; {hint}.",
  "{where} must begin with the name of a field; {hint}.": "{where} doit commencer par le nom d’un champ ; {hint}.",
  "{where} begins with {text}, which can not be a field or a dotted path of fields.":
    "{where} commence par {text}, qui ne peut être ni un champ ni un chemin de champs à points.",
  "{where} has the unknown operator {operator}; use one of {known}.": "{where} a l’opérateur inconnu {operator} ; prenez-en un de {known}.",
  "{where} has a value of the wrong kind, {value}; write a text, a number, True, False or a list.":
    "{where} a une valeur du mauvais genre, {value} ; écrivez un texte, un nombre, True, False ou une liste.",
  "{where} needs a domain in brackets after '{operator}', not {value}.":
    "{where} demande un domaine entre crochets après '{operator}', pas {value}.",
  "The term {text} stands alone; put it into one more pair of brackets.":
    "Le terme {text} est seul ; mettez-le entre une paire de crochets de plus.",
  "The operator '{operator}' (item {number}) needs {wanted} after it, but there is {found}; add the condition or remove the operator.":
    "L’opérateur '{operator}' (élément {number}) demande {wanted} à sa suite, mais il y a {found} ; ajoutez la condition ou retirez l’opérateur.",
  "The domain can not be read at character {place}: {text}.": "Le domaine ne peut pas être lu au caractère {place} : {text}.",
  "The domain has more than {most} characters; filter by something shorter.":
    "Le domaine a plus de {most} caractères ; filtrez par quelque chose de plus court.",
  "The domain has more than {most} terms; use 'in' with a list of values.":
    "Le domaine a plus de {most} termes ; prenez 'in' avec une liste de valeurs.",
  "The domain is nested deeper than {most} levels; write it flatter.": "Le domaine est imbriqué à plus de {most} niveaux ; écrivez-le plus à plat.",
  "'truncate:{part}' is no way to mask '{field}'; say how many letters to keep, from 1 to {most}, such as truncate:3.":
    "'truncate:{part}' ne masque pas « {field} » ; dites combien de lettres garder, de 1 à {most}, comme truncate:3.",
  "'{field}' can not be masked: by it Towpath knows which records changed.":
    "« {field} » ne peut pas être masqué : c’est par lui que Towpath sait quels enregistrements ont changé.",
  "'{field}' is a date; cut it with truncate:year or truncate:month.": "« {field} » est une date ; coupez-la avec truncate:year ou truncate:month.",
  "'{field}' is no link to one record, so it has no name to leave out.":
    "« {field} » n’est pas un lien vers un enregistrement, et n’a donc pas de nom à omettre.",
  "'{field}' is no text that can be cut; mask it with hash or drop.": "« {field} » n’est pas un texte à couper ; masquez-le avec hash ou drop.",
  "Values of type {type} can not be cut; mask them with hash or drop.":
    "Les valeurs de type {type} ne peuvent pas être coupées ; masquez-les avec hash ou drop.",
  "{text} is no length of time; write it like '30 days' or '12 hours'.": "{text} n’est pas une durée ; écrivez-la comme '30 days' ou '12 hours'.",
  "{text} is more than a hundred years; write it like '30 days' or '12 hours'.":
    "{text} fait plus de cent ans ; écrivez une durée comme '30 days' ou '12 hours'.",
  "The table has no data yet; run its stream first.": "La table n’a pas encore de données ; lancez d’abord son flux.",
  "The table has no column {name}.": "La table n’a pas de colonne {name}.",
  "The table has no version {version}; its newest is {newest}.": "La table n’a pas de version {version} ; la plus récente est {newest}.",
  "Version {version} of the table is not kept any more; take a newer one.":
    "La version {version} de la table n’est plus conservée ; prenez-en une plus récente.",
  "The table was not there yet at that time; it begins {at} UTC.": "La table n’existait pas encore à ce moment ; elle commence le {at} UTC.",
  "Other writers kept changing this table; try again in a while.": "D’autres ne cessaient d’écrire dans cette table ; réessayez dans un moment.",
  "Another run has written to this table in the meantime; run it again, it goes on from there.":
    "Une autre exécution a écrit entre-temps dans cette table ; relancez-la, elle continue à partir de là.",
  "A staged file of this run is gone; start the run anew.": "Un fichier préparé de cette exécution a disparu ; relancez-la.",
  "The type of a column changed: {text}; give the new one another name or read the table in full.":
    "Le type d’une colonne a changé : {text} ; donnez un autre nom à la nouvelle ou relisez toute la table.",
  "The folder {path} can not be used ({reason}); make room or give the right to it.":
    "Le dossier {path} ne peut pas servir ({reason}) ; faites de la place ou donnez-y le droit.",
  "The object store did not accept the request; check its address, keys and rights.":
    "Le stockage d’objets n’a pas accepté la requête ; vérifiez son adresse, ses clés et ses droits.",
  "The field '{field}' of {model} can not be read: {reason}.": "Le champ « {field} » de {model} ne peut pas être lu : {reason}.",
  "1 stream": "1 flux",
  "{number} streams": "{number} flux",
  "The file of certificates {path} can not be read; check its path.": "Le fichier de certificats {path} ne peut pas être lu ; vérifiez son chemin.",
  "{where} holds a number of more than 64 bits; write a smaller one.": "{where} contient un nombre de plus de 64 bits ; écrivez-en un plus petit.",
  "{where} holds a number that is not finite; write an ordinary one.": "{where} contient un nombre qui n’est pas fini ; écrivez-en un ordinaire.",
  "{where} holds half of a Unicode character; write the text anew.": "{where} contient la moitié d’un caractère Unicode ; réécrivez le texte.",
  "'{how}' is no way to mask '{field}'; write {name}=WAY with {known} as the way.":
    "« {how} » ne masque pas « {field} » ; écrivez {name}=MANIÈRE avec {known} pour manière.",
  "The fields of {model} could not be read, so only its ids are: {reason}.":
    "Les champs de {model} n’ont pas pu être lus, seuls ses identifiants le sont : {reason}.",
  "Some details of the fields of {model} could not be read: {reason}.": "Des détails des champs de {model} n’ont pas pu être lus : {reason}.",
  "A stored schema has the unknown format {format}; discover the model again.":
    "Un schéma enregistré a le format inconnu {format} ; relisez le modèle.",
  "A stored schema can not be read; discover the model again.": "Un schéma enregistré ne peut pas être lu ; relisez le modèle.",
};

export default said;
