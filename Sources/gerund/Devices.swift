import ArgumentParser

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List V4L2 devices.")
    func run() throws {}
}
