import ArgumentParser

struct Probe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Open a source and say what it is.")
    @Argument var source: String
    func run() async throws {}
}
