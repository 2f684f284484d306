/// The components of a URL, parsed leniently: camera manuals contain URLs that are not valid by RFC 3986.
struct LenientURL {
    /// The scheme in lowercase, without `:`.
    let scheme: String
    /// The user info, `user:password` as written.
    let userInfo: Substring?
    /// The host, without the brackets of an IPv6 address.
    let host: Substring
    let port: Int?
    /// A Boolean value that indicates whether the text at the position of the port isn't a number.
    let hasInvalidPort: Bool
    /// The path from its `/` on, without query.
    let path: Substring
    /// The query, after the `?`.
    let query: Substring?

    /// Parses a URL.
    ///
    /// - Returns: `nil` if the text doesn't start with `scheme://`.
    init?(_ text: String) {
        guard let mark = text.firstRange(of: "://"), mark.lowerBound > text.startIndex else { return nil }
        let scheme = text[..<mark.lowerBound]
        guard scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }) else {
            return nil
        }
        self.scheme = scheme.lowercased()
        let rest = text[mark.upperBound...]
        let authority = rest[..<(rest.firstIndex { "/?".contains($0) } ?? rest.endIndex)]
        let hostStart: Substring.Index
        if let at = authority.lastIndex(of: "@") {
            self.userInfo = authority[..<at]
            hostStart = authority.index(after: at)
        } else {
            self.userInfo = nil
            hostStart = authority.startIndex
        }
        let hostAndPort = authority[hostStart...]
        if hostAndPort.first == "[", let close = hostAndPort.firstIndex(of: "]") {
            self.host = hostAndPort[hostAndPort.index(after: hostAndPort.startIndex)..<close]
            let tail = hostAndPort[hostAndPort.index(after: close)...]
            self.port = tail.first == ":" ? Int(tail.dropFirst()) : nil
            self.hasInvalidPort = !tail.isEmpty && self.port == nil
        } else if let colon = hostAndPort.lastIndex(of: ":") {
            self.host = hostAndPort[..<colon]
            self.port = Int(hostAndPort[hostAndPort.index(after: colon)...])
            self.hasInvalidPort = self.port == nil
        } else {
            self.host = hostAndPort
            self.port = nil
            self.hasInvalidPort = false
        }
        let afterAuthority = rest[authority.endIndex...]
        let queryMark = afterAuthority.firstIndex(of: "?")
        self.path = afterAuthority[..<(queryMark ?? afterAuthority.endIndex)]
        self.query = queryMark.map { afterAuthority[afterAuthority.index(after: $0)...] }
    }

    /// The query's parameters, as written.
    var parameters: [(name: String, value: Substring)] {
        (self.query ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count == 2 ? parts[1] : "")
        }
    }
}
