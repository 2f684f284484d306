import GerundCore
public import GerundStream
import Glibc

extension SourceAddress {
    /// Reads an address as the user wrote it.
    ///
    /// Options start at a `#`: the first one after the host of a URL, the last one of a test graph or path that is
    /// followed by something of the form `key=value`. A file whose name really holds the `#` is opened as it is.
    ///
    /// - Throws: ``CaptureError`` with the code `usage`, whose message names what is wrong, without credentials.
    public init(_ text: String) throws(CaptureError) {
        try self.init(text, fileExists: { unsafe access($0, F_OK) == 0 })
    }

    /// Reads an address with options that are written beside it.
    ///
    /// - Parameter options: Their names and values, as they are meant: nothing in them is encoded.
    /// - Throws: ``CaptureError`` as for the address alone; also when an option is given in both places.
    public init(_ text: String, options: [(name: String, value: String)]) throws(CaptureError) {
        let address = try SourceAddress(text)
        switch address.options.adding(options.map { ($0.name, $0.value) }, for: address.kind) {
        case .success(let options):
            self.init(
                kind: address.kind, location: address.location.reveal(), displayName: address.displayName,
                defaultName: address.id.name, options: options)
        case .failure(let fault):
            throw Self.fault(address.displayName, fault.message)
        }
    }

    /// - Parameter fileExists: Asked only for paths that hold a `#`.
    init(_ text: String, fileExists: (String) -> Bool) throws(CaptureError) {
        guard !text.isEmpty else { throw Self.fault("", "the address is empty; give a path, a URL or /dev/video0") }
        guard !text.utf8.contains(0) else { throw Self.fault("", "the address holds a NUL byte") }
        if text == "-" || text.hasPrefix("-#") {
            try self.init(
                kind: .standardInput, location: "-", displayName: "standard input", defaultName: "stdin",
                optionText: text.dropFirst(2))
        } else if text.hasPrefix("test:") {
            try self.init(testGraph: text)
        } else if let url = URLParts(text), url.scheme != "file" {
            try self.init(url: text, parts: url)
        } else {
            try self.init(path: text.hasPrefix("file://") ? String(text.dropFirst(7)) : text, fileExists: fileExists)
        }
    }

    private init(
        kind: Kind, location: String, displayName: String, defaultName: String, optionText: Substring
    ) throws(CaptureError) {
        switch SourceOptions.parse(optionText, for: kind) {
        case .success(let options):
            self.init(
                kind: kind, location: location, displayName: displayName, defaultName: defaultName, options: options)
        case .failure(let fault):
            throw Self.fault(displayName, fault.message)
        }
    }

    private init(testGraph text: String) throws(CaptureError) {
        let (address, options) = Self.splitAtOptions(text)
        let graph = address.dropFirst("test:".count)
        guard !graph.isEmpty else {
            throw Self.fault("test:", "no graph is given; write for example test:testsrc2=size=640x480:rate=25")
        }
        let name = graph.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        try self.init(
            kind: .test, location: String(graph), displayName: String(address), defaultName: "test:\(name)",
            optionText: options)
    }

    private init(url text: String, parts: URLParts) throws(CaptureError) {
        // In the password a `#` is just a character; after the host it starts the options.
        let optionsFrom = text[parts.host.endIndex...].firstIndex(of: "#") ?? text.endIndex
        let hash = parts.host.firstIndex(of: "#") ?? optionsFrom
        let location = String(text[..<hash])
        guard let url = URLParts(location) else { throw Self.fault("", "the URL has no host") }
        // Where a password holds a raw `/`, what looks like host and path is a part of it: say nothing of them.
        if url.hasInvalidPort || url.userInfo != nil, "\(url.path)?\(url.query ?? "")".contains("@") {
            throw Self.fault(
                "\(parts.scheme)://\(Redactor.mask)",
                "an '@' stands after the host; write '@', '/' and '?' in a password or path as %40, %2F and %3F")
        }
        let redactor = Redactor(secretsOf: location)
        let shown = redactor.redact(location)
        let kind: Kind
        switch parts.scheme {
        case "rtsp", "rtsps": kind = .rtsp
        case "http", "https": kind = .http
        default:
            throw Self.fault(
                shown, "\(parts.scheme):// is not supported; use rtsp://, rtsps://, http://, https:// or a path")
        }
        guard !url.host.isEmpty else { throw Self.fault(shown, "the URL names no host") }
        guard !url.hasInvalidPort else { throw Self.fault(shown, "the URL's port is no number") }
        let port = url.port.map { ":\($0)" } ?? ""
        try self.init(
            kind: kind, location: location, displayName: shown,
            defaultName: redactor.redact("\(url.host)\(port)\(url.path == "/" ? "" : url.path)"),
            optionText: text[hash...].dropFirst())
    }

    private init(path text: String, fileExists: (String) -> Bool) throws(CaptureError) {
        let hasHash = text.contains("#")
        let (path, options) = hasHash && fileExists(text) ? (text[...], "") : Self.splitAtOptions(text)
        guard !path.isEmpty else { throw Self.fault(text, "the address names no file") }
        let isDevice = path.hasPrefix("/dev/video") || path.hasPrefix("/dev/v4l/")
        let name = path.split(separator: "/").last.map(String.init) ?? String(path)
        try self.init(
            kind: isDevice ? .device : .file, location: String(path), displayName: String(path), defaultName: name,
            optionText: options)
    }

    /// Cuts at the last `#` that is followed by `letters=`.
    private static func splitAtOptions(_ text: String) -> (address: Substring, options: Substring) {
        guard let hash = text.lastIndex(of: "#") else { return (text[...], "") }
        let after = text[text.index(after: hash)...]
        let key = after.prefix { $0.isLetter || $0 == "_" }
        guard !key.isEmpty, after[key.endIndex...].first == "=" else { return (text[...], "") }
        return (text[..<hash], after)
    }

    private static func fault(_ shown: String, _ message: String) -> CaptureError {
        // What can't be read can't be known to be harmless.
        let redactor = Redactor()
        return CaptureError(
            code: .usage,
            source: SourceID(shown.isEmpty ? "source" : redactor.redact(shown).withoutControlCharacters),
            message: redactor.redact(message).withoutControlCharacters)
    }
}
