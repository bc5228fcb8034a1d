import Hummingbird

/// What goes with one request; bodies are never larger than a form of ours.
struct CounterContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var maxUploadSize: Int { Visitor.bodyLimit }

    init(source: ApplicationRequestContextSource) { coreContext = CoreRequestContextStorage(source: source) }
}
