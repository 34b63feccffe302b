(** What each token brings along: the residual stream before the first block (embed in base_network.py).

    One lemma for each direction that tokens bring, [brings_...], and one for all that the blocks compute. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger.
Import ListNotations.
Open Scope Q_scope.

Lemma coeff_nil d : coeff dir_dec [] d == 0.
Proof. reflexivity. Qed.
Lemma coeff_cons d' w r d : coeff dir_dec ((d', w) :: r) d == (if dir_dec d' d then w else 0) + coeff dir_dec r d.
Proof. reflexivity. Qed.
Lemma coeff_app w v d : coeff dir_dec (w ++ v) d == coeff dir_dec w d + coeff dir_dec v d.
Proof. apply sum_app. Qed.
Lemma coeff_flat_map {X} (f : X -> terms dir) l d : coeff dir_dec (flat_map f l) d == sum (fun x => coeff dir_dec (f x) d) l.
Proof. apply sum_flat_map. Qed.
(** Evaluate coefficients of literal lists, deciding equality of directions. *)
Ltac directions := unfold coeff, sum; cbn [fold_right fst snd app];
  repeat match goal with |- context [dir_dec ?a ?b] => destruct (dir_dec a b); try congruence end.

Lemma sum_indexed {X} (f : nat * X -> Q) l i d0 :
  (i < length l)%nat -> (forall j x, j <> i -> f (j, x) == 0) -> sum f (indexed l) == f (i, nth i l d0).
Proof.
  intros Hi H. unfold indexed.
  assert (G : forall s, (s <= i < s + length l)%nat ->
              sum f (combine (seq s (length l)) l) == f (i, nth (i - s) l d0)).
  { clear Hi. induction l as [|x l IH]; intros s Hs; cbn [length] in *; [lia|].
    cbn [seq combine sum fold_right]. fold (sum f (combine (seq (S s) (length l)) l)).
    destruct (Nat.eq_dec i s) as [->|N].
    - rewrite Nat.sub_diag. cbn [nth]. rewrite sum_zero; [ring|].
      intros (j, y) I. apply in_combine_l, in_seq in I. apply H; lia.
    - rewrite H by auto. rewrite IH by lia. replace (i - s)%nat with (S (i - S s)) by lia. cbn [nth]. ring. }
  rewrite G by lia. now rewrite Nat.sub_0_r.
Qed.

Lemma sum_indexed_zero {X} (f : nat * X -> Q) l : (forall j x, f (j, x) == 0) -> sum f (indexed l) == 0.
Proof. intros H. apply sum_zero. intros (j, x) _. apply H. Qed.

(** ** Fields, each once *)
Lemma NoDup_map_inj {X Y} (f : X -> Y) l : (forall x y, f x = f y -> x = y) -> NoDup l -> NoDup (map f l).
Proof.
  intros inj. induction 1 as [|x l N _ IH]; cbn [map]; constructor; auto.
  rewrite in_map_iff. intros (y & E & I). apply inj in E; subst; contradiction.
Qed.
Lemma NoDup_indexed {X} (l : list X) : NoDup (indexed l).
Proof.
  unfold indexed. generalize 0%nat. induction l as [|x l IH]; intros s; cbn [length seq combine]; constructor; auto.
  intros I. apply in_combine_l, in_seq in I. lia.
Qed.
Lemma NoDup_parts a : NoDup (parts a).
Proof.
  unfold parts. constructor.
  - rewrite in_app_iff, !in_map_iff. intros [(p & E & _)|(p & E & _)]; discriminate.
  - assert (A : NoDup (map (fun p => FWrite (fst p) (snd p)) (indexed (writes a)))).
    { apply NoDup_map_inj, NoDup_indexed. intros [] []; cbn; congruence. }
    assert (B : NoDup (map (fun p => FMove (fst p) (snd p)) (indexed (moves a)))).
    { apply NoDup_map_inj, NoDup_indexed. intros [] []; cbn; congruence. }
    induction (indexed (writes a)) as [|p l IH]; cbn [map app] in *; auto.
    inversion A as [|? ? N A']; subst. constructor; [|now apply IH].
    rewrite in_app_iff. intros [I|I]; [contradiction|]. apply in_map_iff in I as (x & E & _). discriminate.
Qed.
Lemma NoDup_fields cd a : NoDup (fields cd a).
Proof. destruct cd; [constructor; [intros []|constructor] | apply NoDup_parts]. Qed.


Ltac settle := directions; first [reflexivity | ring].

Section Embedding.
  Variables (nQ nS k : nat) (cd : code).
  Notation emb := (embedding nQ nS).
  Notation brings t d := (sum (fun r => coeff dir_dec (emb r) d) (rows cd t)).

  (** The fields of an action together bring the same in both codes. *)
  Lemma brought_fields a d :
    sum (fun f => coeff dir_dec (brought f) d) (fields cd a) == sum (fun f => coeff dir_dec (brought_part f) d) (parts a).
  Proof.
    destruct cd; cbn [fields].
    - rewrite sum_cons, sum_nil. cbn [brought]. rewrite coeff_flat_map. ring.
    - apply sum_ext. intros f I. unfold parts in I. cbn [In] in I. rewrite in_app_iff, !in_map_iff in I.
      destruct I as [<-|[(p & <- & _)|(p & <- & _)]]; reflexivity.
  Qed.

  Lemma brings_step q s a d :
    brings (TStep q s a) d ==
      coeff dir_dec [(One, 1); (Step, 1)] d
      + sum (fun p => coeff dir_dec (if Nat.eqb (snd p) 0 then [] else [(Posting (fst p) (snd p), - (1))]) d) (indexed s)
      + (coeff dir_dec [(State (next a), 1)] d
      + (sum (fun p => coeff dir_dec (if Nat.eqb (snd p) 0 then [] else [(Posting (fst p) (snd p), 1)]) d) (indexed (writes a))
      + sum (fun p => coeff dir_dec [(Move (fst p), inject_Z (shift (snd p))); (Cell (fst p), - inject_Z (shift (snd p)))] d)
          (indexed (moves a)))).
  Proof.
    cbn [rows]. rewrite !sum_cons, sum_app, !sum_map. cbn [embedding]. rewrite brought_fields.
    unfold parts. rewrite sum_cons, sum_app, !sum_map. cbn [brought_part fst snd]. rewrite coeff_nil. ring.
  Qed.

  Lemma brings_example r d :
    brings (TExample r) d ==
      coeff dir_dec [(One, 1)] d + (coeff dir_dec (emb (RExState (on_state r))) d
      + (sum (fun p => coeff dir_dec (emb (RExSymbol (fst p) (snd p))) d) (indexed (on_symbols r))
      + sum (fun f => coeff dir_dec [(ExField f, 1)] d) (fields cd (does r)))).
  Proof. cbn [rows]. rewrite !sum_cons, sum_app, !sum_map. reflexivity. Qed.

  Lemma emb_example_state o d : (forall q, d <> ExState q) -> coeff dir_dec (emb (RExState o)) d == 0.
  Proof.
    intros N. destruct o as [q|]; cbn [embedding]; [settle|].
    unfold coeff; rewrite sum_map; cbn [fst snd]. apply sum_zero. intros q _. destruct (dir_dec _ _) as [<-|]; [exfalso; eapply N; eauto|reflexivity].
  Qed.
  Lemma emb_example_symbol i o d : (forall b, d <> ExSymbol i b) -> coeff dir_dec (emb (RExSymbol i o)) d == 0.
  Proof.
    intros N. destruct o as [q|]; cbn [embedding]; [settle|].
    unfold coeff; rewrite sum_map; cbn [fst snd]. apply sum_zero. intros q _. destruct (dir_dec _ _) as [<-|]; [exfalso; eapply N; eauto|reflexivity].
  Qed.

  (** Directions that only a token of one kind brings. *)
  Ltac literal := cbn [rows sum fold_right embedding]; settle.
  Ltac silent := intros ? x; cbn [fst snd]; try destruct (Nat.eqb x 0); directions; ring.
  Ltac example := rewrite brings_example, emb_example_state by discriminate;
    (rewrite sum_indexed_zero by (intros; apply emb_example_symbol; discriminate));
    (rewrite sum_zero by (intros; directions; ring)); directions; ring.
  Ltac cell := cbn [rows sum fold_right embedding]; destruct (Nat.eqb _ 0); directions; ring.
  Ltac step := rewrite brings_step; rewrite !sum_indexed_zero by silent; settle.
  Ltac bit a b := destruct (Nat.eqb_spec a b); subst; cbn [andb one_if].

  Lemma brings_one t : brings t One == 1.
  Proof.
    destruct t; try (literal; fail).
    - example.
    - cell.
    - step.
  Qed.

  Lemma brings_bos t : brings t Bos == ind (is_bos t).
  Proof.
    destruct t; cbn [is_bos one_if]; try (literal; fail).
    - example.
    - cell.
    - step.
  Qed.

  Lemma brings_step_flag t : brings t Step == ind (is_step t).
  Proof.
    destruct t; cbn [is_step one_if]; try (literal; fail).
    - example.
    - cell.
    - step.
  Qed.

  Lemma brings_state t q : brings t (State q) == ind (match new_state t with Some p => Nat.eqb p q | None => false end).
  Proof.
    destruct t; cbn [new_state one_if]; try (literal; fail).
    - example.
    - cell.
    - bit q0 q; literal.
    - rewrite brings_step. rewrite !sum_indexed_zero by silent.
      bit (next a) q; directions; ring.
  Qed.

  Lemma brings_move t i : valid nQ nS k t -> (i < k)%nat -> brings t (Move i) == inject_Z (moved i t).
  Proof.
    intros V Hi. destruct t; cbn [moved]; try (literal; fail).
    - example.
    - cell.
    - cbn [rows sum fold_right embedding]. bit i0 i; directions; ring.
    - rewrite brings_step. destruct V as (_ & _ & _ & _ & Lm).
      rewrite (sum_indexed _ (moves a) i S_); [|lia|intros j x N; cbn [fst snd]; directions; ring].
      rewrite !sum_indexed_zero by silent.
      cbn [fst snd]. directions. ring.
  Qed.

  Lemma brings_input t i : brings t (Input i) == ind (is_input i t).
  Proof.
    destruct t; cbn [is_input one_if]; try (literal; fail).
    - example.
    - cbn [rows sum fold_right embedding]. bit i0 i; destruct (Nat.eqb a 0); settle.
    - step.
  Qed.

  (** What a token's own embedding puts into the direction of the cell that it writes. *)
  Definition cell_offset (i : nat) (t : token) : Z := (- (one_if (is_input i t) + one_if (is_step t) * moved i t))%Z.
  Lemma brings_cell t i : valid nQ nS k t -> (i < k)%nat -> brings t (Cell i) == inject_Z (cell_offset i t).
  Proof.
    intros V Hi. unfold cell_offset. destruct t; cbn [is_input is_step one_if Z.mul Z.add Z.opp]; try (literal; fail).
    - example.
    - cbn [rows sum fold_right embedding]. bit i0 i; destruct (Nat.eqb a 0); settle.
    - rewrite brings_step. destruct V as (_ & _ & _ & _ & Lm).
      rewrite (sum_indexed _ (moves a) i S_); [|lia|intros j x N; cbn [fst snd]; directions; ring].
      rewrite !sum_indexed_zero by silent.
      cbn [fst snd moved]. directions. change (Z.pos_sub 1 1) with 0%Z. try rewrite Z.add_0_l. rewrite ?inject_Z_opp. try rewrite Z.mul_1_l. destruct (shift _); cbn; ring.
  Qed.

  Lemma brings_posting t i a : valid nQ nS k t -> (i < k)%nat -> (0 < a)%nat -> brings t (Posting i a) == inject_Z (posted i a t).
  Proof.
    intros V Hi Ha. destruct t; cbn [posted]; try (literal; fail).
    - example.
    - cbn [rows sum fold_right embedding]. bit i0 i; bit a0 a; cbn [one_if];
        try (destruct (Nat.eqb_spec a 0); [lia|]); try destruct (Nat.eqb a0 0); directions; ring.
    - rewrite brings_step. destruct V as ((_ & Ls & _) & _ & Lw & _ & Lm).
      rewrite (sum_indexed_zero _ (moves a0)) by (intros; directions; ring).
      rewrite (sum_indexed _ s i 0%nat); [|lia|intros j x N; cbn [fst snd]; destruct (Nat.eqb x 0); directions; ring].
      rewrite (sum_indexed _ (writes a0) i 0%nat); [|lia|intros j x N; cbn [fst snd]; destruct (Nat.eqb x 0); directions; ring].
      cbn [fst snd]. unfold Z.sub. rewrite inject_Z_plus, inject_Z_opp.
      destruct (Nat.eqb_spec (nth i s 0%nat) a) as [E1|E1], (Nat.eqb_spec (nth i (writes a0) 0%nat) a) as [E2|E2],
        (Nat.eqb_spec (nth i s 0%nat) 0) as [E3|E3], (Nat.eqb_spec (nth i (writes a0) 0%nat) 0) as [E4|E4];
        try lia; cbn [one_if]; settle.
  Qed.

  (** Examples: the situation as a key, where a wildcard agrees with everything; the action as a value. *)
  Lemma brings_example_state t q : (q < nQ)%nat ->
    brings t (ExState q) == ind (match example_of t with Some r => agrees (on_state r) q | None => false end).
  Proof.
    intros Hq. destruct t; cbn [example_of one_if]; try (literal; fail).
    - rewrite brings_example. rewrite sum_indexed_zero by (intros; apply emb_example_symbol; discriminate).
      rewrite sum_zero by (intros; directions; ring). destruct (on_state r) as [p|]; cbn [embedding agrees].
      + bit p q; directions; ring.
      + unfold coeff at 2; rewrite sum_map; cbn [fst snd]; rewrite (sum_single _ _ q); [settle|apply seq_NoDup|apply in_seq; lia|].
        intros j _ N. destruct (dir_dec _ _); congruence || reflexivity.
    - cell.
    - step.
  Qed.

  Lemma brings_example_symbol t i b : valid nQ nS k t -> (i < k)%nat -> (b < nS)%nat ->
    brings t (ExSymbol i b) == ind (match example_of t with Some r => agrees (nth i (on_symbols r) None) b | None => false end).
  Proof.
    intros V Hi Hb. destruct t; cbn [example_of one_if]; try (literal; fail).
    - rewrite brings_example, emb_example_state by discriminate. destruct V as (_ & Lr & _ & _).
      rewrite (sum_indexed _ (on_symbols r) i None); [|lia|intros j x N; cbn [fst snd]; apply emb_example_symbol; intros; congruence].
      rewrite sum_zero by (intros; directions; ring). cbn [fst snd].
      destruct (nth i (on_symbols r) None) as [p|]; cbn [embedding agrees].
      + bit p b; directions; ring.
      + unfold coeff at 2; rewrite sum_map; cbn [fst snd]; rewrite (sum_single _ _ b); [settle|apply seq_NoDup|apply in_seq; lia|].
        intros j _ N. destruct (dir_dec _ _); congruence || reflexivity.
    - cell.
    - step.
  Qed.

  Definition has_field (f : field) (a : action) : bool := if in_dec field_dec f (fields cd a) then true else false.
  Lemma brings_example_field t f :
    brings t (ExField f) == ind (match example_of t with Some r => has_field f (does r) | None => false end).
  Proof.
    destruct t; cbn [example_of one_if]; try (literal; fail).
    - rewrite brings_example, emb_example_state by discriminate.
      rewrite sum_indexed_zero by (intros; apply emb_example_symbol; discriminate).
      unfold has_field. destruct (in_dec field_dec f (fields cd (does r))) as [I|N]; cbn [one_if].
      + rewrite (sum_single _ _ f); [settle|apply NoDup_fields|auto|]. intros j _ N. directions. ring.
      + rewrite sum_zero; [settle|]. intros j I. directions. ring.
    - cell.
    - step.
  Qed.

  (** Directions that no token brings: the blocks compute them, or they count positions. *)
  Definition computed (d : dir) : bool :=
    match d with
    | MeanMove _ | MeanInput _ | HeadPos _ | HeadSq _ | CellSq _ | Found _ _ | Symbol _ _ | Decided _ | Stop | T => true
    | _ => false
    end.
  Lemma brings_computed t d : computed d = true -> brings t d == 0.
  Proof.
    intros C. destruct t; try (destruct d; try discriminate; literal; fail).
    - destruct d; try discriminate; example.
    - cbn [rows sum fold_right embedding]. destruct (Nat.eqb a 0), d; try discriminate; directions; ring.
    - rewrite brings_step. destruct d; try discriminate; (rewrite !sum_indexed_zero;
      [settle|intros ? x; cbn [fst snd]; try destruct (Nat.eqb x 0); directions; ring..]).
  Qed.
End Embedding.
