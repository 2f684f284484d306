import GerundCore
public import GerundStream
import Glibc

extension SourceAddress {
    /// Parses an address as the user wrote it.
    ///
    /// Options start at a `#`: in a URL the first one after the host, in a filter graph or path the last one that is
    /// followed by `key=`. If a file whose name contains the `#` exists, the whole text is its path.
    ///
    /// - Parameter text: The address.
    /// - Throws: ``CaptureError`` with the code `invalidAddress` and a message without credentials.
    public init(_ text: String) throws(CaptureError) {
        try self.init(text, fileExists: { unsafe access($0, F_OK) == 0 })
    }

    /// Parses an address with options that are given separately.
    ///
    /// - Parameters:
    ///   - text: The address.
    ///   - options: The names and values of further options, not percent-encoded.
    /// - Throws: ``CaptureError`` with the code `invalidAddress`, also if an option is given in both places.
    public init(_ text: String, options: [(name: String, value: String)]) throws(CaptureError) {
        let address = try SourceAddress(text)
        do throws(OptionError) {
            self.init(
                kind: address.kind, location: address.location.reveal(), displayName: address.displayName,
                defaultName: address.id.name,
                options: try address.options.adding(options.map { ($0.name, $0.value) }, for: address.kind))
        } catch {
            throw Self.invalidAddress(address.displayName, error.message)
        }
    }

    /// Parses an address.
    ///
    /// - Parameters:
    ///   - text: The address.
    ///   - fileExists: Called only for paths that contain a `#`.
    /// - Throws: ``CaptureError`` with the code `invalidAddress`.
    init(_ text: String, fileExists: (String) -> Bool) throws(CaptureError) {
        guard !text.isEmpty else {
            throw Self.invalidAddress("", "empty address: expected a path, a URL or a device such as /dev/video0")
        }
        guard !text.utf8.contains(0) else { throw Self.invalidAddress("", "the address contains a NUL byte") }
        if text == "-" || text.hasPrefix("-#") {
            try self.init(
                kind: .standardInput, location: "-", displayName: "standard input", defaultName: "stdin",
                optionText: text.dropFirst(2))
        } else if text.hasPrefix("test:") {
            try self.init(filterGraph: text)
        } else if let url = LenientURL(text), url.scheme != "file" {
            try self.init(url: text, parts: url)
        } else {
            try self.init(path: text.hasPrefix("file://") ? String(text.dropFirst(7)) : text, fileExists: fileExists)
        }
    }

    private init(
        kind: Kind, location: String, displayName: String, defaultName: String, optionText: Substring
    ) throws(CaptureError) {
        do throws(OptionError) {
            self.init(
                kind: kind, location: location, displayName: displayName, defaultName: defaultName,
                options: try SourceOptions.parse(optionText, for: kind))
        } catch {
            throw Self.invalidAddress(displayName, error.message)
        }
    }

    private init(filterGraph text: String) throws(CaptureError) {
        let (address, options) = Self.splitAtOptions(text)
        let graph = address.dropFirst("test:".count)
        guard !graph.isEmpty else {
            throw Self.invalidAddress("test:", "missing filter graph; example: test:testsrc2=size=640x480:rate=25")
        }
        let name = graph.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        try self.init(
            kind: .lavfi, location: String(graph), displayName: String(address), defaultName: "test:\(name)",
            optionText: options)
    }

    private init(url text: String, parts: LenientURL) throws(CaptureError) {
        // A `#` in a password is an ordinary character; after the host it starts the options.
        let optionsFrom = text[parts.host.endIndex...].firstIndex(of: "#") ?? text.endIndex
        let hash = parts.host.firstIndex(of: "#") ?? optionsFrom
        let location = String(text[..<hash])
        guard let url = LenientURL(location) else { throw Self.invalidAddress("", "the URL has no host") }
        // If a password contains a raw `/`, what looks like host and path is part of it: don't print them.
        if url.hasInvalidPort || url.userInfo != nil, "\(url.path)?\(url.query ?? "")".contains("@") {
            throw Self.invalidAddress(
                "\(parts.scheme)://\(Redactor.mask)",
                "unexpected '@' after the host; write '@', '/' and '?' in a password or path as %40, %2F and %3F")
        }
        let redactor = Redactor(secretsOf: location)
        let shown = redactor.redact(location)
        let kind: Kind
        switch parts.scheme {
        case "rtsp", "rtsps": kind = .rtsp
        case "http", "https": kind = .http
        default:
            throw Self.invalidAddress(
                shown,
                "\(parts.scheme):// is not supported; expected rtsp://, rtsps://, http://, https:// or a path")
        }
        guard !url.host.isEmpty else { throw Self.invalidAddress(shown, "the URL has no host") }
        guard !url.hasInvalidPort else { throw Self.invalidAddress(shown, "invalid port in the URL") }
        let port = url.port.map { ":\($0)" } ?? ""
        try self.init(
            kind: kind, location: location, displayName: shown,
            defaultName: redactor.redact("\(url.host)\(port)\(url.path == "/" ? "" : url.path)"),
            optionText: text[hash...].dropFirst())
    }

    private init(path text: String, fileExists: (String) -> Bool) throws(CaptureError) {
        let hasHash = text.contains("#")
        let (path, options) = hasHash && fileExists(text) ? (text[...], "") : Self.splitAtOptions(text)
        guard !path.isEmpty else { throw Self.invalidAddress(text, "the address has no path") }
        let isDevice = path.hasPrefix("/dev/video") || path.hasPrefix("/dev/v4l/")
        let name = path.split(separator: "/").last.map(String.init) ?? String(path)
        try self.init(
            kind: isDevice ? .device : .file, location: String(path), displayName: String(path), defaultName: name,
            optionText: options)
    }

    /// Splits a text at the last `#` that is followed by `key=`.
    private static func splitAtOptions(_ text: String) -> (address: Substring, options: Substring) {
        guard let hash = text.lastIndex(of: "#") else { return (text[...], "") }
        let after = text[text.index(after: hash)...]
        let key = after.prefix { $0.isLetter || $0 == "_" }
        guard !key.isEmpty, after[key.endIndex...].first == "=" else { return (text[...], "") }
        return (text[..<hash], after)
    }

    private static func invalidAddress(_ shown: String, _ message: String) -> CaptureError {
        // An address that can't be parsed may contain credentials anywhere.
        let redactor = Redactor()
        return CaptureError(
            code: .invalidAddress,
            source: SourceID(shown.isEmpty ? "source" : redactor.redact(shown).sanitized),
            message: redactor.redact(message).sanitized)
    }
}
