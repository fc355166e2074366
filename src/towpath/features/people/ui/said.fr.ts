import type { Messages } from "@ui/i18n/messages";

/** What the server says on these pages, by its own sentence. */
const said: Messages = {
  "This is for a person who is signed in, not for an API token; do it in the workspace.":
    "Ceci est réservé à une personne connectée, pas à un jeton d’API ; faites-le dans l’espace de travail.",
  "Give the code of your authenticator first.":
    "Donnez d’abord le code de votre application.",
  "This sign-in was not begun in this browser; begin again.":
    "Cette connexion n’a pas été commencée dans ce navigateur ; recommencez.",
  "This sign-in took too long; begin again.":
    "Cette connexion a duré trop longtemps ; recommencez.",
  "A way to sign in keeps its kind; add another one.":
    "Un mode de connexion garde son genre ; ajoutez-en un autre.",
  "There were too many failed attempts; wait a moment before the next one.":
    "Il y a eu trop d’essais manqués ; attendez un moment avant le suivant.",
  "Too many people are called '{plain}'; ask an administrator to add you to {title}.":
    "Trop de personnes s’appellent « {plain} » ; demandez à un administrateur de vous ajouter à {title}.",
  "You are not known here yet; ask an administrator of Towpath to add you.":
    "Vous n’êtes pas encore connu ici ; demandez à un administrateur de Towpath de vous ajouter.",
  "A role is given to a person or to a group; name one of them.":
    "Un rôle se donne à une personne ou à un groupe ; nommez l’un des deux.",
  "There is no such group; see the list of groups.":
    "Ce groupe n’existe pas ; voyez la liste des groupes.",
  "There is no such user; see the list of people.":
    "Cette personne n’existe pas ; voyez la liste des personnes.",
  "A group's name is 1 to 100 printable characters; correct it.":
    "Le nom d’un groupe a de 1 à 100 caractères imprimables ; corrigez-le.",
  "There is a group '{row}' already; choose another name.":
    "Il y a déjà un groupe « {row} » ; choisissez un autre nom.",
  "There is no such connection; see the list of connections.":
    "Cette connexion n’existe pas ; voyez la liste des connexions.",
  "That role is not given any more; load the list again.":
    "Ce rôle n’est plus donné ; rechargez la liste.",
  "Towpath has an administrator already; ask them to add you.":
    "Towpath a déjà un administrateur ; demandez-lui de vous ajouter.",
  "There is no such way to sign in (any more); go back to the page of sign-in.":
    "Ce mode de connexion n’existe pas ou plus ; retournez à la page de connexion.",
  "Say which role a person has who signs in for the first time, or which roles their groups give.":
    "Dites quel rôle reçoit une personne qui se connecte pour la première fois, ou quels rôles donnent ses groupes.",
  "The filter has no %s where the login goes; correct it, such as (uid=%s).":
    "Le filtre n’a pas de %s à la place de l’identifiant ; corrigez-le, par exemple (uid=%s).",
  "A title is 1 to 60 printable characters; it is what the button says.":
    "Un titre a de 1 à 60 caractères imprimables ; c’est ce que dit le bouton.",
  "There is a way to sign in called '{row}' already; choose another title.":
    "Il y a déjà un mode de connexion appelé « {row} » ; choisissez un autre titre.",
  "That is not the code that the app shows now; check the clock of your device and try again.":
    "Ce n’est pas le code que l’application montre maintenant ; vérifiez l’horloge de votre appareil et réessayez.",
  "That code is wrong or was used already; wait for the next one and try again.":
    "Ce code est faux ou a déjà servi ; attendez le suivant et réessayez.",
  "One-time codes are set up already; switch them off before you set up another app.":
    "Les codes à usage unique sont déjà en place ; désactivez-les avant de mettre une autre application.",
  "Begin again: the picture to scan is not known any more.":
    "Recommencez : l’image à scanner n’est plus connue.",
  "One-time codes are set up already.":
    "Les codes à usage unique sont déjà en place.",
  "Set up one-time codes first; recovery codes stand in for them.":
    "Mettez d’abord en place les codes à usage unique ; les codes de secours les remplacent.",
  "That is not your password; enter the one you sign in with.":
    "Ce n’est pas votre mot de passe ; entrez celui par lequel vous vous connectez.",
  "This account is disabled; ask an administrator of Towpath.":
    "Ce compte est désactivé ; demandez à un administrateur de Towpath.",
  "There is no such session; it may have ended.":
    "Cette session n’existe pas ; elle est peut-être finie.",
  "Give the token a name of 1 to 100 characters that says what uses it.":
    "Donnez au jeton un nom de 1 à 100 caractères qui dit ce qui l’utilise.",
  "Choose at least one right for the token.":
    "Choisissez au moins un droit pour le jeton.",
  "A token lives 1 to {longest} days; choose so many.":
    "Un jeton vit de 1 à {longest} jours ; choisissez combien.",
  "There is no such token; see the list of tokens.":
    "Ce jeton n’existe pas ; voyez la liste des jetons.",
  "A login is 1 to 100 letters, digits or any of . _ @ + -, such as an e-mail address; choose another.":
    "Un identifiant a de 1 à 100 lettres, chiffres ou . _ @ + -, comme une adresse e-mail ; choisissez-en un autre.",
  "Nobody would be left who administers Towpath; make somebody else an Admin first.":
    "Il ne resterait personne pour administrer Towpath ; nommez d’abord un autre administrateur.",
  "A name is 1 to 100 printable characters; correct it.":
    "Un nom a de 1 à 100 caractères imprimables ; corrigez-le.",
  "That is no e-mail address; correct it or leave it out.":
    "Ce n’est pas une adresse e-mail ; corrigez-la ou omettez-la.",
  "There is a user '{row}' already; choose another login.":
    "Il y a déjà une personne « {row} » ; choisissez un autre identifiant.",
  "Many people sign in at this moment; try again in a few seconds.":
    "Beaucoup de personnes se connectent en ce moment ; réessayez dans quelques secondes.",
  "The password is too short; use at least {shortest} characters, such as four words.":
    "Le mot de passe est trop court ; prenez au moins {shortest} caractères, par exemple quatre mots.",
  "The password is too long; use at most {longest} characters.":
    "Le mot de passe est trop long ; prenez au plus {longest} caractères.",
  "The password is too weak: {why}. A few words that do not belong together are better.":
    "Le mot de passe est trop faible : {why}. Quelques mots sans rapport entre eux valent mieux.",
  "This link does not work any more; ask for a new one.":
    "Ce lien ne marche plus ; demandez-en un nouveau.",
  "This set-up link does not work any more; start Towpath again for a new one.":
    "Ce lien d’installation ne marche plus ; redémarrez Towpath pour en avoir un nouveau.",
  "Anybody has an account at Google; name the Workspace domains whose people are let in.":
    "Tout le monde a un compte Google ; nommez les domaines Workspace dont les personnes sont admises.",
  "There is no such user any more; see the list of people.":
    "Cette personne n’existe plus ; voyez la liste des personnes.",
  "You can not delete yourself; ask another administrator.":
    "Vous ne pouvez pas vous supprimer vous-même ; demandez à un autre administrateur.",
  "More than one entry fits {filter} with this login, so nobody could sign in by it; make the filter narrower.":
    "Plusieurs entrées répondent à {filter} pour cet identifiant : personne ne pourrait s’en servir ; resserrez le filtre.",
  "Nobody fits {filter} with this login in {base}; correct the filter or the base.":
    "Personne ne répond à {filter} pour cet identifiant dans {base} ; corrigez le filtre ou la base.",
  "The certificate of {host} is not trusted, or it speaks no TLS there; give the certificate of its authority, and check name and port.":
    "Le certificat de {host} n’est pas reconnu, ou TLS n’y est pas parlé ; donnez le certificat de son autorité, et vérifiez nom et port.",
  "The directory at {host}:{port} does not answer; try again later.":
    "L’annuaire {host}:{port} ne répond pas ; réessayez plus tard.",
  "The directory does not let us search in {base} ({description}); correct the base, or the user that searches.":
    "L’annuaire ne laisse pas chercher dans {base} ({description}) ; corrigez la base, ou l’utilisateur de recherche.",
  "The directory does not speak StartTLS; use LDAPS, or its other port.":
    "L’annuaire ne parle pas StartTLS ; prenez LDAPS, ou son autre port.",
  "The directory has to tell who you are; sign out, sign in again, and do this then.":
    "L’annuaire doit dire qui vous êtes ; déconnectez-vous, reconnectez-vous, et recommencez alors.",
  "The directory's filter is not valid; write it as (uid=%s).":
    "Le filtre de l’annuaire n’est pas valable ; écrivez-le comme (uid=%s).",
  "The directory refuses the user that searches; correct its name and password.":
    "L’annuaire refuse l’utilisateur de recherche ; corrigez son nom et son mot de passe.",
  "The issuer calls itself {named} and not {issuer}; type its address as it writes it.":
    "L’émetteur se nomme {named} et non {issuer} ; saisissez son adresse comme il l’écrit.",
  "The issuer does not support PKCE with S256; use one that does.":
    "L’émetteur ne connaît pas PKCE avec S256 ; prenez-en un qui le connaît.",
  "The issuer does not take this client id with this secret; correct them, or make a new secret there.":
    "L’émetteur n’accepte pas cet identifiant client avec ce secret ; corrigez-les, ou créez-y un nouveau secret.",
  "The issuer publishes no key, so nothing that it says can be checked.":
    "L’émetteur ne publie aucune clé : rien de ce qu’il dit ne peut être vérifié.",
  "The issuer's address holds a password; leave it out.":
    "L’adresse de l’émetteur contient un mot de passe ; retirez-le.",
  "The sign-in service does not answer; try again in a while.":
    "Le service de connexion ne répond pas ; réessayez dans un moment.",
  "The sign-in service does not say who the person is.":
    "Le service de connexion ne dit pas qui est la personne.",
  "The sign-in service's answer does not prove who you are; try again, and tell an administrator if it stays so.":
    "La réponse du service de connexion ne prouve pas qui vous êtes ; réessayez, et prévenez un administrateur si cela dure.",
  "There is nothing to be seen in {base}; correct the base.":
    "Il n’y a rien à voir dans {base} ; corrigez la base.",
  "This issuer signs in people of any company; name the tenants that may come, or take your own tenant's address.":
    "Cet émetteur connecte des personnes de toute entreprise ; nommez les locataires admis, ou prenez l’adresse du vôtre.",
  "Towpath does not connect to {host}: {why}; see TOWPATH_PRIVATE_ADDRESSES.":
    "Towpath ne se connecte pas à {host} : {why} ; voyez TOWPATH_PRIVATE_ADDRESSES.",
  "What the issuer publishes as its keys is not a set of keys.":
    "Ce que l’émetteur publie comme clés n’est pas un jeu de clés.",
  "You signed in a while ago; sign out, sign in again, and do this within ten minutes.":
    "Vous vous êtes connecté il y a un moment ; déconnectez-vous, reconnectez-vous, et faites-le dans les dix minutes.",
  "Your company may not sign in here; ask an administrator of Towpath.":
    "Votre entreprise ne peut pas se connecter ici ; demandez à un administrateur de Towpath.",
  "{host} did not answer as an OpenID issuer does (status {status}); check its address.":
    "{host} n’a pas répondu comme un émetteur OpenID (statut {status}) ; vérifiez son adresse.",
  "{host} has no address; check the name.":
    "{host} n’a pas d’adresse ; vérifiez le nom.",
  "{url} is not an address; correct the issuer.":
    "{url} n’est pas une adresse ; corrigez l’émetteur.",
  "{url} is not an https address; correct the issuer.":
    "{url} n’est pas une adresse https ; corrigez l’émetteur.",
  "{issuer} answers as an OpenID issuer.":
    "{issuer} répond comme un émetteur OpenID.",
  "Keys to check its tokens by: {count}.":
    "Clés pour vérifier ses jetons : {count}.",
  "It knows this client id and takes its secret.":
    "Il connaît cet identifiant client et accepte son secret.",
  "Whether it takes the client id and secret shows at the first sign-in (it says: {error}).":
    "S’il accepte l’identifiant client et le secret se verra à la première connexion (il dit : {error}).",
  "{host} answers over TLS, and its certificate is trusted.":
    "{host} répond par TLS, et son certificat est reconnu.",
  "It lets {user} in.":
    "Il admet {user}.",
  "It lets anybody in without a name.":
    "Il admet tout le monde sans nom.",
  "{base} can be searched.":
    "On peut chercher dans {base}.",
  "{login} is {name} ({email}). Groups: {groups}.":
    "{login} est {name} ({email}). Groupes : {groups}.",
  "Roles by groups: {roles}. Who has no account here yet is not let in.":
    "Rôles selon les groupes : {roles}. Sans compte ici, on n’entre pas.",
  "Roles by groups: {roles}. At the first sign-in: {role}.":
    "Rôles selon les groupes : {roles}. À la première connexion : {role}.",
  "The login or the password is not right; check both and try again.":
    "L’identifiant ou le mot de passe n’est pas juste ; vérifiez les deux et réessayez.",
};

export default said;
