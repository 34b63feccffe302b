(** The weights: construction/base_network.py, term for term, over named directions, and tuned_network.py.

    LOCATE    where is each head, and which cell does each token write?
    ADDRESS   the squares of both, so that a dot product can compare cells
    READ      what is in the cell under each head?
    DECIDE    which examples in the prompt match the situation, and what do they do? *)
From Coq Require Import List QArith ZArith Bool PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary.
Import ListNotations.
Open Scope Q_scope.

(** The directions of the residual stream: residual_stream in base_network.py. *)
Inductive dir :=
| One | T | Bos | Step | State (q : nat) | ExState (q : nat) | ExSymbol (i a : nat) | ExField (f : field)
| Move (i : nat) | Input (i : nat) | Posting (i a : nat) | MeanMove (i : nat) | MeanInput (i : nat)
| HeadPos (i : nat) | Cell (i : nat) | HeadSq (i : nat) | CellSq (i : nat) | Found (i a : nat) | Symbol (i a : nat)
| Decided (f : field) | Stop.
Definition dir_dec (a b : dir) : {a = b} + {a <> b}.
Proof. decide equality; first [apply field_dec | apply Nat.eq_dec]. Defined.

(** A rule of a tuned network: in this state, with these symbols under the heads, do that. *)
Record exact_rule := Exact { in_state : nat; reading : list nat; then_does : action }.

(** ** The gadgets: construction/gadgets.py. [beta], [M], [L], [K] and [g] are the five named constants. *)
Section Gadgets.
  Variables (beta M L K : Q).
  (** A value channel that carries a direction of the tokens attended to into another one here. *)
  Definition carry (source target : dir) : terms dir * terms dir := ([(source, 1)], [(target, 1)]).
  Definition constant (out : terms dir) : ff_unit dir := Unit [(One, 1)] [(One, 1)] out.
  Definition product (t factor out : dir) : ff_unit dir := Unit [(t, 1)] [(factor, 1)] [(out, 1)].
  Definition gated_product (t factor flag out : dir) : ff_unit dir :=
    Unit [(t, 1); (One, - L); (flag, L)] [(factor, 1)] [(out, 1)].
  Definition square (shifted out : dir) : list (ff_unit dir) :=
    [Unit [(shifted, 1); (One, - M)] [(shifted, 1); (One, - M)] [(out, 1)];
     Unit [(shifted, - (1)); (One, M)] [(shifted, - (1)); (One, M)] [(out, 1)]].
  Definition integer_lookup (wanted wanted_square address address_square write_1 write_2 sink : dir) :
      list (terms dir * terms dir) := [
    ([(wanted, beta); (One, - (beta * M))], [(address, 2); (One, - (2 * M))]);
    ([(One, beta)], [(address_square, - (1)); (One, - (1)); (write_1, 1); (write_2, 1); (sink, 1 # 2)]);
    ([(wanted_square, beta)], [(sink, 1)])].
  Definition above (source clean blank : dir) : list (ff_unit dir) :=
    [Unit [(source, K); (One, - (1))] [(One, 1)] [(clean, 1); (blank, - (1))];
     Unit [(source, K); (One, - (2))] [(One, 1)] [(clean, - (1)); (blank, 1)]].
End Gadgets.

Section Network.
  (** The capacity, and the five named constants. *)
  Variables (nQ nS k : nat) (cd : code) (beta M L K g : Q).
  Notation states := (states nQ).
  Notation symbols := (symbols nS).
  Notation marks := (marks nS).
  Notation tapes := (tapes k).
  Notation all_fields := (all_fields nQ nS k cd).

  (** ** The embedding: what each token brings along *)
  Definition brought_part (f : field) : terms dir :=
    match f with
    | FNext q => [(State q, 1)]
    | FWrite i a => if Nat.eqb a 0 then [] else [(Posting i a, 1)]
    | FMove i m => [(Move i, inject_Z (shift m)); (Cell i, - inject_Z (shift m))]
    | FAction _ => []
    end.
  Definition brought (f : field) : terms dir :=
    match f with FAction a => flat_map brought_part (parts a) | _ => brought_part f end.

  Definition embedding (r : row) : terms dir :=
    match r with
    | RBos => [(One, 1); (Bos, 1)]
    | RExample | RCellKind | RShiftKind | RRun | RStop => [(One, 1)]
    | RStep => [(One, 1); (Step, 1)]
    | RExState None => map (fun q => (ExState q, 1)) states
    | RExState (Some q) => [(ExState q, 1)]
    | RExSymbol i None => map (fun a => (ExSymbol i a, 1)) symbols
    | RExSymbol i (Some a) => [(ExSymbol i a, 1)]
    | RExField f => [(ExField f, 1)]
    | RCell i a => (Input i, 1) :: (Cell i, - (1)) :: if Nat.eqb a 0 then [] else [(Posting i a, 1)]
    | RShift i m => [(Move i, inject_Z (shift m))]
    | RRunState q => [(State q, 1)]
    | RStepState _ => []
    | RStepSymbol i a => if Nat.eqb a 0 then [] else [(Posting i a, - (1))]
    | RStepField f => brought f
    end.

  (** ** LOCATE: where is each head (p = t * mean of the moves), and which cell does each token write? *)
  Definition locate_head (i : nat) : head dir :=
    Head [] [carry (Move i) (MeanMove i); carry (Input i) (MeanInput i)].
  Definition locate_units (i : nat) : list (ff_unit dir) :=
    [product T (MeanMove i) (HeadPos i);
     gated_product L T (MeanMove i) Step (Cell i);
     gated_product L T (MeanInput i) (Input i) (Cell i)].
  Definition locate : block dir := {|
    heads := map locate_head tapes;
    units := flat_map locate_units tapes ++ [constant (flat_map (fun i => [(HeadPos i, M); (Cell i, M)]) tapes)] |}.

  (** ** ADDRESS: the squares of both. This block's attention does nothing. *)
  Definition address : block dir := {|
    heads := map (fun _ => Head [] []) tapes;
    units := flat_map (fun i => square M (HeadPos i) (HeadSq i) ++ square M (Cell i) (CellSq i)) tapes |}.

  (** ** READ: what is in the cell under each head? One attention head a tape head. *)
  Definition read_head (i : nat) : head dir := Head
    (integer_lookup beta M (HeadPos i) (HeadSq i) (Cell i) (CellSq i) (Input i) Step Bos)
    (map (fun a => carry (Posting i a) (Found i a)) marks).
  Definition saturate (i : nat) : list (ff_unit dir) :=
    constant [(Symbol i 0, 1)] :: flat_map (fun a => above K (Found i a) (Symbol i a) (Symbol i 0)) marks.
  Definition read : block dir := {| heads := map read_head tapes; units := flat_map saturate tapes |}.

  (** ** DECIDE: which examples match the situation, and what do they do? The mean of their actions, or STOP from BOS. *)
  Definition half : Q := inject_Z (Z.of_nat (2 * (k + 1) - 1)) * (1 # 2).
  Definition exact_match : list (terms dir * terms dir) :=
    map (fun q => ([(State q, beta)], [(ExState q, 1)])) states
    ++ flat_map (fun i => map (fun a => ([(Symbol i a, beta)], [(ExSymbol i a, 1)])) symbols) tapes
    ++ [([(One, beta * half)], [(Bos, 1)])].
  Definition decide_head : head dir :=
    Head exact_match (map (fun f => carry (ExField f) (Decided f)) all_fields ++ [carry Bos Stop]).
  (** The tuned network (tuned_network.py): relu(state + symbols - k) is 1 in the rule's situation and 0 elsewhere. *)
  Definition and_unit (r : exact_rule) : ff_unit dir := Unit
    ((State (in_state r), 1) :: map (fun p => (Symbol (fst p) (snd p), 1)) (indexed (reading r))
      ++ [(One, - inject_Z (Z.of_nat k))])
    [(One, 1)]
    ((Stop, - (1)) :: map (fun f => (Decided f, 1)) (fields cd (then_does r))).
  Definition decide (rules : list exact_rule) : block dir := {| heads := [decide_head]; units := map and_unit rules |}.

  (** ** The unembedding: the STEP of the situation gets its action's probability as its logit, all else at most 0. *)
  Definition unembedding (r : row) : terms dir :=
    match r with
    | RStop => [(Stop, 1)]
    | RBos | RExample | RCellKind | RShiftKind | RRun => [(One, - (1))]
    | RStep => [(One, - (inject_Z (Z.of_nat (k + 1)) * g))]
    | RStepState q => [(State q, g)]
    | RStepSymbol i a => [(Symbol i a, g)]
    | RStepField f => (Decided f, 1) :: match f with FWrite _ _ | FMove _ _ => [(One, - (1))] | _ => [] end
    | RExState _ | RExSymbol _ _ | RExField _ | RCell _ _ | RShift _ _ | RRunState _ => []
    end.

  (** The network with [rules] in its weights. The base network has none. *)
  Definition network (rules : list exact_rule) : transformer dir row := {|
    W_E := embedding; W_pos := [(T, 1)]; blocks := [locate; address; read; decide rules]; W_U := unembedding |}.
  Definition base_network : transformer dir row := network [].

  (** The directions in the order of the tensors' columns. *)
  Definition all_dirs : list dir :=
    [One; T; Bos; Step] ++ map State states ++ map ExState states
    ++ flat_map (fun i => map (ExSymbol i) symbols) tapes ++ map ExField all_fields
    ++ flat_map (fun i => [Move i; Input i] ++ map (Posting i) marks
         ++ [MeanMove i; MeanInput i; HeadPos i; Cell i; HeadSq i; CellSq i]
         ++ map (Found i) marks ++ map (Symbol i) symbols) tapes
    ++ map Decided all_fields ++ [Stop].
End Network.
