import CardData
import CardLayout
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// The holder's photo beside the card: from the chip alone, since the registry keeps none, and for whom a look-up is recorded.
extension CounterWeb {
    func addPhoto(to router: Router<CounterContext>) {
        page(router, "/cards/:card/photo") { visitor in
            let (card, _) = try await card(visitor)
            guard hasSeenHolder(of: card, visitor),
                case .picture(let picture) = visitor.session.read[card.reference]?.photo
            else { throw Faults("counter.not-found") }
            return Self.response(showing: picture)
        }
        // The photo that was chosen for a new card, for who makes it and has looked its holder up.
        page(router, "/issues/:issue/photo") { visitor in
            try checkMaker(visitor)
            let (room, issue) = (room, visitor.parameter("issue"))
            let (progress, photo) = try await room.blocking {
                (try room.shelf.progress(issue), try room.shelf.photo(of: issue))
            }
            guard let person = progress.person, visitor.session.seen[person] != nil, let photo else {
                throw Faults("counter.not-found")
            }
            return Self.response(showing: try Picture(padded: photo))
        }
    }

    private static func response(showing picture: Picture) -> Response {
        var response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: picture.bytes)))
        response.headers[.contentType] = picture.form == .jpeg ? "image/jpeg" : "image/bmp"
        return response
    }

    /// Whether this session has looked the card's holder up, which is an event.
    private func hasSeenHolder(of card: RegisteredCard, _ visitor: Visitor) -> Bool {
        card.facts.map { visitor.session.seen[$0.person] != nil } ?? false
    }

    /// What a card's page shows of the photo and of the last look at the chip; where there is no photo, why.
    ///
    /// - Parameter read: what the chip has shown just now; what the session has of it when nil.
    func photoView(_ card: RegisteredCard, _ visitor: Visitor, read now: ReadChip? = nil) -> View {
        let language = visitor.language
        let read = now ?? visitor.session.read[card.reference]
        var view: View = [:]
        switch read?.photo {
        case .picture where now != nil || hasSeenHolder(of: card, visitor):
            view["photo"] = ["source": "/cards/\(card.facts?.number.text ?? "")/photo"] as View
        case .picture: view["photoNote"] = pages.words.text("photo-look-up", language)
        case .closed: view["photoNote"] = pages.words.text("photo-closed", language)
        case .damaged: view["photoNote"] = pages.words.text("photo-damaged", language)
        case .unreadable: view["photoNote"] = pages.words.text("photo-unreadable", language)
        case .absent: view["photoNote"] = pages.words.text("photo-none", language)
        case .notRead, nil: view["photoNote"] = pages.words.text("photo-not-read", language)
        }
        if let read {
            view["lastRead"] =
                [
                    "at": Moment.text(read.at), "differences": String(read.differences),
                    "differs": read.differences > 0,
                    "hasClosed": read.hasClosed,
                ] as View
        }
        return view
    }
}
