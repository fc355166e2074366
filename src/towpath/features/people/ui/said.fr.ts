import type { Messages } from "@ui/i18n/messages";

/** What the server says on these pages, by its own sentence. */
const said: Messages = {
  "The stored secret is not sent to another server than the one it was given for; enter the secret once more.":
    "Le secret enregistré n’est pas envoyé à un autre serveur que celui pour lequel il a été donné ; saisissez-le encore une fois.",
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
  "Open App registrations in Microsoft Entra and choose New registration.":
    "Ouvrez Inscriptions d’applications dans Microsoft Entra et choisissez Nouvelle inscription.",
  "Give it this name. People see it when they are asked to agree.":
    "Donnez-lui ce nom. Les personnes le voient quand on leur demande leur accord.",
  "Supported account types: personal Microsoft accounts only. This is for guests from outside; for your own staff add another way, with a single tenant.":
    "Types de comptes pris en charge : comptes Microsoft personnels uniquement. C’est pour des invités de l’extérieur ; pour votre personnel, ajoutez un autre mode, à locataire unique.",
  "Supported account types: single tenant, that is accounts of your organization only. Personal accounts are for guests, and belong into a way of their own.":
    "Types de comptes pris en charge : locataire unique, c’est-à-dire les comptes de votre organisation seulement. Les comptes personnels sont pour des invités et demandent un mode à part.",
  "Redirect URI: choose the platform Web and enter exactly this address. Then register.":
    "URI de redirection : choisissez la plateforme Web et entrez exactement cette adresse. Puis inscrivez.",
  "Under Authentication tick no token box: access tokens and ID tokens of the implicit and hybrid flows stay off. Towpath uses the authorization code with PKCE.":
    "Sous Authentification, ne cochez aucune case de jeton : les jetons d’accès et d’ID des flux implicites et hybrides restent désactivés. Towpath utilise le code d’autorisation avec PKCE.",
  "Under Certificates & secrets make a client secret and bring back its value, not its id. Note the day it ends: Towpath can not see it.":
    "Sous Certificats et secrets, créez un secret client et rapportez sa valeur, non son identifiant. Notez le jour de sa fin : Towpath ne peut pas le voir.",
  "From its overview bring back the application (client) ID.":
    "De la vue d’ensemble, rapportez l’ID d’application (client).",
  "From its overview bring back the application (client) ID and the directory (tenant) ID.":
    "De la vue d’ensemble, rapportez l’ID d’application (client) et l’ID de l’annuaire (locataire).",
  "The issuer is the same for all personal accounts.":
    "L’émetteur est le même pour tous les comptes personnels.",
  "The issuer follows from the tenant id.":
    "L’émetteur découle de l’ID du locataire.",
  "Anybody can have a personal account, and Microsoft does not vouch for its e-mail address. Let guests come without being added only while you wait for them, with the smallest role, and switch it off then.":
    "N’importe qui peut avoir un compte personnel, et Microsoft ne se porte pas garant de son adresse. Ne laissez venir des invités sans être ajoutés que pendant que vous les attendez, avec le plus petit rôle, puis désactivez cela.",
  "For roles by groups make App roles there and assign them to groups; the claim with the groups is then called roles.":
    "Pour des rôles par groupes, créez-y des rôles d’application et attribuez-les à des groupes ; la revendication des groupes s’appelle alors roles.",
  "Open the Google Auth Platform, choose or make a project, and give the app this name.":
    "Ouvrez Google Auth Platform, choisissez ou créez un projet et donnez ce nom à l’application.",
  "Audience: External, which personal accounts need. While the app is in testing, add each guest under Test users; there can be 100.":
    "Audience : Externe, que les comptes personnels exigent. Tant que l’application est en test, ajoutez chaque invité sous Utilisateurs tests ; il peut y en avoir 100.",
  "Audience: Internal, so that only people of your Workspace can sign in. Without a Workspace there is only External, with the people as test users.":
    "Audience : Interne, pour que seules les personnes de votre Workspace puissent se connecter. Sans Workspace, il n’y a qu’Externe, avec les personnes comme utilisateurs tests.",
  "Leave the scopes as they are. Towpath asks for openid, profile and email alone.":
    "Laissez les champs d’application tels quels. Towpath ne demande qu’openid, profile et email.",
  "Under Clients create a client of the type Web application; no JavaScript origin is needed.":
    "Sous Clients, créez un client de type Application Web ; aucune origine JavaScript n’est nécessaire.",
  "Authorized redirect URIs: enter exactly this address. Then create.":
    "URI de redirection autorisés : entrez exactement cette adresse. Puis créez.",
  "Bring back the client ID and the client secret; the secret is shown only once.":
    "Rapportez l’ID client et le secret client ; le secret n’est montré qu’une fois.",
  "The issuer is the same for everybody at Google.":
    "L’émetteur est le même pour tout le monde chez Google.",
  "Add each guest under People with their e-mail address and switch on the link by e-mail: Google vouches for addresses.":
    "Ajoutez chaque invité sous Personnes avec son adresse et activez le lien par adresse : Google se porte garant des adresses.",
  "Where people may come without being added, name your Workspace domains: anybody can have an account at Google.":
    "Si des personnes peuvent venir sans être ajoutées, nommez vos domaines Workspace : n’importe qui peut avoir un compte Google.",
  "Make a client for a web application there, with the authorization code and PKCE (S256).":
    "Créez-y un client pour une application Web, avec le code d’autorisation et PKCE (S256).",
  "Redirect address: enter exactly this one.":
    "Adresse de redirection : entrez exactement celle-ci.",
  "Implicit and hybrid flows stay off. ID tokens are to be signed with a key pair, such as RS256 or ES256, not with the shared secret.":
    "Les flux implicites et hybrides restent désactivés. Les jetons d’ID sont à signer par une paire de clés, comme RS256 ou ES256, non par le secret partagé.",
  "Bring back the client ID, and the client secret where there is one. A public client has none: PKCE protects it alone.":
    "Rapportez l’ID client, et le secret client s’il y en a un. Un client public n’en a pas : PKCE seul le protège.",
  "The issuer is what its page /.well-known/openid-configuration calls issuer, to the letter.":
    "L’émetteur est ce que sa page /.well-known/openid-configuration appelle issuer, à la lettre.",
  "Make a user in the directory that may search and nothing else; bring back its name and password.":
    "Créez dans l’annuaire un utilisateur qui peut chercher et rien d’autre ; rapportez son nom et son mot de passe.",
  "Bring back the certificate of the authority that signed the directory's, unless the system trusts it already. Without TLS it is not possible.":
    "Rapportez le certificat de l’autorité qui a signé celui de l’annuaire, sauf si le système s’y fie déjà. Sans TLS, ce n’est pas possible.",
  "Bring back the base under which people are, and the attribute by which they sign in: uid, or sAMAccountName in an Active Directory.":
    "Rapportez la base sous laquelle sont les personnes, et l’attribut par lequel elles se connectent : uid, ou sAMAccountName dans un Active Directory.",
  "App registrations":
    "Inscriptions d’applications",
  "Audience":
    "Audience",
  "Clients":
    "Clients",
  "Google Auth Platform":
    "Google Auth Platform",
  "Administrators who can sign in without this way: {otherwise} of {all}; with a password and one-time codes: {with_codes}. Keep one at least.":
    "Administrateurs qui peuvent se connecter sans ce mode : {otherwise} sur {all} ; avec un mot de passe et des codes à usage unique : {with_codes}. Gardez-en un au moins.",
  "Administrators who can sign in without this way: {otherwise} of {all}, but none with a password and one-time codes; set up codes for one of them first.":
    "Administrateurs qui peuvent se connecter sans ce mode : {otherwise} sur {all}, mais aucun avec un mot de passe et des codes à usage unique ; mettez d’abord en place des codes pour l’un d’eux.",
  "No administrator could sign in without this way: when it fails, nobody could mend it. Give one of them a password and one-time codes first.":
    "Aucun administrateur ne pourrait se connecter sans ce mode : s’il tombe en panne, personne ne pourrait réparer. Donnez d’abord à l’un d’eux un mot de passe et des codes à usage unique.",
  "The service will take this redirect address.":
    "Le service acceptera cette adresse de redirection.",
  "The public address of this Towpath is not known; set TOWPATH_PUBLIC_URL.":
    "L’adresse publique de ce Towpath n’est pas connue ; réglez TOWPATH_PUBLIC_URL.",
  "Services take only a redirect address with https; set TOWPATH_PUBLIC_URL to one.":
    "Les services n’acceptent qu’une adresse de redirection en https ; réglez TOWPATH_PUBLIC_URL ainsi.",
  "Google takes no redirect address with a bare IP address; set TOWPATH_PUBLIC_URL to one with a name.":
    "Google n’accepte pas d’adresse de redirection avec une adresse IP nue ; réglez TOWPATH_PUBLIC_URL sur un nom.",
  "A tenant id is 32 hexadecimal digits in five groups; copy Directory (tenant) ID from the overview.":
    "Un ID de locataire a 32 chiffres hexadécimaux en cinq groupes ; copiez l’ID de l’annuaire (locataire) depuis la vue d’ensemble.",
  "Anybody can have a personal account at Microsoft; let people come for the first time as Viewer alone.":
    "N’importe qui peut avoir un compte Microsoft personnel ; ne laissez venir pour la première fois que comme Lecteur.",
  "There is a guide for entra, google, oidc and ldap; name one of them.":
    "Il y a un guide pour entra, google, oidc et ldap ; nommez l’un d’eux.",
};

export default said;
