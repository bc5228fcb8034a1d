import Hummingbird

/// What goes with one request; bodies are never larger than a form of ours.
struct CounterContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var maxUploadSize: Int { Visitor.bodyLimit }

    /// The IPv4 or IPv6 address that the request came from; nil over a socket of this machine.
    let address: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }
}
