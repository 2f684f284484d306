/// Removes credentials from text that others wrote: libav's messages, a server's answers.
///
/// Two nets, because either alone has holes. By form: what stands before the `@` of a URL and the values of query
/// parameters that are called password, token and the like, known or not. By content: the known secrets as written,
/// percent-decoded, percent-encoded and in Base64, and the pieces into which a URL parser cuts a password that holds
/// `@`, `:` or `/`, since its complaint then shows a piece only.
public struct Redactor: Hashable, Sendable {
    /// What is printed instead.
    public static let mask = "***"

    /// Query parameters whose values are secret, in lower case.
    static let secretParameters: Set<String> = [
        "password", "passwd", "passwort", "pass", "pwd", "psw", "token", "access_token", "auth", "authkey", "key",
        "apikey", "api_key", "secret", "sig", "signature", "session", "sessionid", "user", "usr", "username",
        "loginuse", "loginpas",
    ]

    /// Pieces of a password shorter than this are common words and syllables.
    private static let shortestPiece = 4

    /// All that must not appear, the longest first, so that no piece spoils a whole.
    private let secrets: [String]

    /// A redactor that knows no secrets and goes by form alone.
    public init() {
        self.secrets = []
    }

    /// - Parameter location: A URL; a path has no secrets.
    init(secretsOf location: String) {
        guard let url = URLParts(location) else {
            self.secrets = []
            return
        }
        var found: Set<String> = []
        if let userInfo = url.userInfo {
            let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { $0.percentDecoded ?? String($0) }
            // A user's name alone is no secret, the pair is, also as a Basic header has it.
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

    /// A redactor that knows the secrets of both.
    public func union(_ other: Redactor) -> Redactor {
        self == other ? self : Redactor(secrets: Set(self.secrets).union(other.secrets))
    }

    /// The forms in which a secret may turn up.
    private static func forms(of secret: Substring) -> Set<String> {
        let decoded = secret.percentDecoded ?? String(secret)
        var forms: Set<String> = [String(secret), decoded, decoded.percentEncoded, base64(decoded)]
        for whole in [String(secret), decoded] {
            for piece in whole.split(whereSeparator: { "@:/?#&=%+ \\\"'".contains($0) })
            where piece.utf8.count >= Self.shortestPiece { forms.insert(String(piece)) }
        }
        // One or two letters would blank out half of every text; the nets by form catch them where they matter.
        return forms.filter { $0.utf8.count >= 3 }
    }

    /// The text without credentials.
    public func redact(_ text: String) -> String {
        var redacted = text
        for secret in self.secrets where redacted.contains(secret) {
            redacted = redacted.split(separator: secret, omittingEmptySubsequences: false).joined(separator: Self.mask)
        }
        return Self.redactByForm(redacted)
    }

    /// Blanks `userinfo@` after `//` and the values of secret parameters in whatever looks like a URL.
    private static func redactByForm(_ text: String) -> String {
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
        // A raw `/` in a password ends the authority too early; an `@` further on, before any query, tells.
        let pathEnd = url.firstIndex(of: "?") ?? url.endIndex
        if let at = url[..<authorityEnd].lastIndex(of: "@") {
            return Self.mask + Self.redactParameters(url[at...])
        }
        if url[..<authorityEnd].contains(":"), let at = url[..<pathEnd].lastIndex(of: "@") {
            return Self.mask + Self.redactParameters(url[at...])
        }
        return Self.redactParameters(url)
    }

    /// Blanks `password=...` wherever a parameter may stand.
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
    /// Never the secrets.
    public var description: String { "Redactor" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// RFC 4648, with padding.
private func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bytes = Array(text.utf8)
    var encoded = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for position in 0..<4 {
            encoded.append(position <= group.count ? alphabet[bits >> (18 - 6 * position) & 63] : "=")
        }
    }
    return encoded
}
