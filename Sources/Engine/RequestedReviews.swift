import Domain
import Git

/// The reviews of a policy that a change asks for, and by which files.
struct RequestedReviews: Sendable {
  let reviews: [Policy.Review]
  /// In byte order; empty where the change is too large to be told.
  let paths: [TreePath]

  /// Looks at what a change makes of a tree.
  ///
  /// - Parameter changes: nil where they are too many to be looked at: then everything is asked for.
  init(_ policy: Policy, changes: [TreeChange]?) {
    var reviews: [Policy.Review] = []
    var paths: Set<TreePath> = []
    for review in policy.reviews {
      guard let changes else {
        reviews.append(review)
        continue
      }
      let concerned = review.concerned(by: changes)
      guard !concerned.isEmpty else { continue }
      reviews.append(review)
      paths.formUnion(concerned)
    }
    self.reviews = reviews
    self.paths = paths.sorted()
  }
}

/// Thrown where a submission must be approved before it is integrated.
struct AwaitedReview: Error {
  let requested: RequestedReviews
}

extension Repository {
  /// The paths in which two trees differ; nil where they are too many to be looked at.
  func difference(from base: ObjectID?, to tree: ObjectID) throws -> [TreeChange]? {
    var reader = self
    do {
      return try TreeDifference.between(base ?? .emptyTree, tree, in: &reader, changesMax: 10_000)
    } catch {
      guard case .tooManyChanges = error else { throw error }
      return nil
    }
  }
}
