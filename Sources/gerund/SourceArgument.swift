import GerundCore
import GerundMedia
import GerundStream

extension SourceAddress {
    /// The sources that the user named, each with a name of its own.
    ///
    /// - Throws: ``CommandFailure`` `usage` with what is wrong with the first that makes no sense.
    static func parse(_ texts: [String]) throws -> [SourceAddress] {
        let addresses = try texts.map { text in
            do {
                return try SourceAddress(text)
            } catch {
                throw CommandFailure(status: .usage, message: "\(error)")
            }
        }
        var names: Set<String> = []
        for address in addresses where !names.insert(address.id.name).inserted {
            throw CommandFailure(
                status: .usage,
                message: "two sources are called '\(address.id)': name them, for example \(address)#name=second")
        }
        return addresses
    }
}
