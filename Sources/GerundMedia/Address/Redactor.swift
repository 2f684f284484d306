import FoundationEssentials

/// Removes credentials from text of other programs, such as libav's messages and a server's responses.
///
/// Two methods complement each other. By pattern: the user info before the `@` of a URL, and the values of query
/// parameters named password, token and the like, whether the secrets are known or not. By value: the known secrets as
/// written, percent-decoded, percent-encoded and in Base64, and the pieces into which a URL parser splits a password
/// that contains `@`, `:` or `/`, because its error message then contains only a piece.
public struct Redactor: Hashable, Sendable {
    /// The text that replaces a secret.
    public static let mask = "***"

    /// The names of query parameters whose values are secret, in lowercase.
    static let secretParameters: Set<String> = [
        "password", "passwd", "passwort", "pass", "pwd", "psw", "token", "access_token", "auth", "authkey", "key",
        "apikey", "api_key", "secret", "sig", "signature", "session", "sessionid", "user", "usr", "username",
        "loginuse", "loginpas",
    ]

    /// The minimum length of a piece of a password, in bytes.
    ///
    /// Shorter ones occur in ordinary words.
    private static let minimumPieceLength = 4

    /// The known secrets, the longest first, so that a piece isn't replaced inside a longer secret.
    private let secrets: [String]

    /// Creates a redactor without known secrets, which removes credentials by pattern only.
    public init() {
        self.secrets = []
    }

    /// Creates a redactor for the credentials of a URL; a path has none.
    init(secretsOf location: String) {
        guard let url = LenientURL(location) else {
            self.secrets = []
            return
        }
        var found: Set<String> = []
        if let userInfo = url.userInfo {
            let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { $0.percentDecoded ?? String($0) }
            // The user name alone isn't secret; the pair is, also in Base64 as in a Basic authorization header.
            found.insert(String(userInfo))
            found.insert(decoded.joined(separator: ":"))
            found.insert(base64(decoded.joined(separator: ":")))
            if parts.count == 2 { found.formUnion(Self.forms(of: parts[1])) }
        }
        for (name, value) in url.parameters where Self.secretParameters.contains(name.lowercased()) {
            found.formUnion(Self.forms(of: value))
        }
        found.remove("")
        self.secrets = found.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    private init(secrets: Set<String>) {
        self.secrets = secrets.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// Returns a redactor for the secrets of both.
    ///
    /// - Parameter other: The other redactor.
    /// - Returns: A redactor for all secrets.
    public func union(_ other: Redactor) -> Redactor {
        self == other ? self : Redactor(secrets: Set(self.secrets).union(other.secrets))
    }

    /// Returns the forms in which a secret may occur.
    private static func forms(of secret: Substring) -> Set<String> {
        let decoded = secret.percentDecoded ?? String(secret)
        var forms: Set<String> = [String(secret), decoded, decoded.percentEncoded, base64(decoded)]
        for whole in [String(secret), decoded] {
            for piece in whole.split(whereSeparator: { "@:/?#&=%+ \\\"'".contains($0) })
            where piece.utf8.count >= Self.minimumPieceLength { forms.insert(String(piece)) }
        }
        // One or two letters would mask half of every text; in URLs they are removed by pattern.
        return forms.filter { $0.utf8.count >= 3 }
    }

    /// Returns a text without credentials.
    ///
    /// - Parameter text: The text.
    /// - Returns: The text with ``mask`` in place of credentials.
    public func redact(_ text: String) -> String {
        var redacted = text
        for secret in self.secrets where redacted.contains(secret) {
            redacted = redacted.split(separator: secret, omittingEmptySubsequences: false).joined(separator: Self.mask)
        }
        return Self.redactByPattern(redacted)
    }

    /// Masks `userinfo@` after `//`, and the values of secret parameters.
    private static func redactByPattern(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let mark = rest.firstRange(of: "://") {
            result += rest[..<mark.upperBound]
            rest = rest[mark.upperBound...]
            let end = rest.firstIndex { $0.isWhitespace || "\"'<>".contains($0) } ?? rest.endIndex
            result += Self.redactedAfterScheme(rest[..<end])
            rest = rest[end...]
        }
        return result + Self.redactParameters(rest)
    }

    private static func redactedAfterScheme(_ url: Substring) -> String {
        let authorityEnd = url.firstIndex { "/?".contains($0) } ?? url.endIndex
        // A raw `/` in a password ends the authority too early; an `@` later in the path reveals it.
        let pathEnd = url.firstIndex(of: "?") ?? url.endIndex
        if let at = url[..<authorityEnd].lastIndex(of: "@") {
            return Self.mask + Self.redactParameters(url[at...])
        }
        if url[..<authorityEnd].contains(":"), let at = url[..<pathEnd].lastIndex(of: "@") {
            return Self.mask + Self.redactParameters(url[at...])
        }
        return Self.redactParameters(url)
    }

    /// Masks the values of secret parameters, such as `password=...`.
    private static func redactParameters(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
            result += rest[...equals]
            rest = rest[rest.index(after: equals)...]
            guard self.secretParameters.contains(String(name.reversed()).lowercased()), !rest.isEmpty else { continue }
            let end = rest.firstIndex { $0.isWhitespace || "&;,\"'<>".contains($0) } ?? rest.endIndex
            if end > rest.startIndex { result += Self.mask }
            rest = rest[end...]
        }
        return result + rest
    }
}

extension Redactor: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A constant text, never the secrets.
    public var description: String { "Redactor" }
    /// A constant text, never the secrets.
    public var debugDescription: String { self.description }
    /// An empty mirror, so that dumping doesn't reveal the secrets.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Returns the Base64 encoding of a text's UTF-8 bytes (RFC 4648, with padding).
private func base64(_ text: String) -> String {
    Data(text.utf8).base64EncodedString()
}
